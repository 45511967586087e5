"""Which version a call asks for, and which deployments may stand on one base path."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from routing_world import contract, on_one_path, world

from contracts.errors import TreatyError
from contracts.formats import yaml
from gateway.forks import Branch, Fork
from gateway.refusal import Refused
from policies.folder.reading import inputs
from policies.routing import Routing, asked_version, meet

HERE = Path(__file__).parent / "cases" / "routing"
URL = "http://127.0.0.1:1"


def cases(name):
    text = (HERE / f"{name}.yaml").read_bytes()
    return [pytest.param(case, id=case["name"]) for case in yaml.parse(text, source=name).root]


@pytest.mark.parametrize("case", cases("versions"))
def test_versions(case):
    assert asked_version(case["accept"], case.get("content", "")) == case["asks"]


@pytest.mark.parametrize("case", cases("pairs"))
def test_pairs(case):
    one, other = (Routing.model_validate(case[name]) for name in ("one", "other"))
    assert meet(one, other) == meet(other, one) == case["meet"]


@given(st.text(max_size=200), st.text(max_size=50))
def test_no_header_breaks_the_reader(accept, content):
    found = asked_version(accept, content)
    assert found is None or all(part.isdigit() for part in found.split("."))


NAMES = st.sampled_from(["a", "b"])
MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "host": NAMES,
        "headers": st.dictionaries(st.sampled_from(["x-a", "x-b"]), NAMES, max_size=2),
        "media_version": st.sampled_from(["1", "2"]),
    },
)
ROLES = st.sampled_from([{}, {"default": True}])
CALLS = st.fixed_dictionaries(
    {"host": NAMES, "accept": st.sampled_from(["", "a/b;version=1", "a/b;version=2"])},
    optional={"x-a": NAMES, "x-b": NAMES},
)


@given(st.lists(st.tuples(MATCHES, ROLES), min_size=2, max_size=4), CALLS, st.randoms())
def test_deployments_that_do_not_meet_never_contend_for_a_call(written, fields, order):
    branches = []
    for match, role in written:
        routing = Routing.model_validate({"match": match, **role})
        if not any(meet(routing, branch.routing) for branch in branches):
            plan = SimpleNamespace(contract="c", version=str(len(branches)))
            branches.append(Branch(plan, routing, None))
    assert picked(branches, fields) is picked(order.sample(branches, len(branches)), fields)


def picked(branches, fields):
    request = SimpleNamespace(fields=SimpleNamespace(joined=fields))
    try:
        return Fork(branches).pick(request, {})
    except Refused as refusal:
        return refusal.denial.problem.type


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"default": True, "pinned": True}, "exclude each other"),
        ({"pinned": True, "match": {"media_version": "1"}}, "the grant alone"),
        ({"match": {"headers": {"Authorization": "x"}}}, "no route by authorization"),
        ({"match": {"headers": {"X-A": "1", "x-a": "2"}}}, "two spellings"),
        ({"match": {"host": "a.example:80"}}, "pattern"),
        ({"match": {"media_version": "latest"}}, "pattern"),
    ],
)
def test_what_says_nothing_is_refused(facts, says):
    with pytest.raises(ValidationError, match=says):
        Routing.model_validate(facts)


@pytest.mark.parametrize(
    ("routings", "pins", "says"),
    [
        ({"1.0.0": None, "2.0.0": None}, None, ["world.yaml:1", "world.yaml:2", "/orders"]),
        ({"1.0.0": {"default": True}, "2.0.0": {"default": True}}, None, ["world.yaml:2"]),
        ({"1.0.0": {"pinned": True}}, None, ["world.yaml:1", "`default`"]),
        ({"1.0.0": {"default": True}}, {"reader": "1.0.0"}, ["reader", "'1.0.0'", "none"]),
        (
            {"1.0.0": {"default": True}, "2.0.0": {"pinned": True}},
            {"reader": "3.0.0"},
            ["reader", "'3.0.0'", "1.0.0, 2.0.0"],
        ),
    ],
)
def test_refused_at_compile_time(routings, pins, says):
    with pytest.raises(TreatyError) as refused:
        world(on_one_path(URL, routings), pins)
    assert refused.value.problem.type.slug == "route-conflict"
    assert [word for word in says if word not in refused.value.problem.detail] == []


WORLD = """
applications: [{id: portal}]
plans: [{name: small}]
grants: [{application: portal, contract: shop.orders, plan: small, version: 1.0.0}]
deployments:
  - {contract: shop.orders, file: one.json, base_path: /o, upstream: 'http://a.example', pinned: true}
  - {contract: shop.orders, file: two.json, base_path: /o, upstream: 'http://b.example', default: true,
     match: {media_version: '2', headers: {X-Ring: early}}}
"""


def test_a_folder_says_it():
    files = {
        "one.json": contract("1.0.0").document.text,
        "two.json": contract("2.0.0").document.text,
        "world.yaml": WORLD.encode(),
    }
    read = inputs(files)
    pinned, default = read.deployments
    assert pinned.routing == Routing(pinned=True)
    assert default.routing.match.headers == {"x-ring": "early"}
    assert default.place.startswith("world.yaml:7")
    assert read.grants[0].version == "1.0.0"
