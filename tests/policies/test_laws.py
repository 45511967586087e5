"""Laws: the limiter's bound, a digest that does not depend on order, refusals at compile time."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psa_world import compiled, deployed

from contracts.errors import TreatyError
from contracts.formats import read as read_contract
from policies import documentation, packs
from policies.compile import compile_with_warnings
from policies.explain import explain
from policies.gcra import gcra
from policies.inputs import Inputs
from policies.kinds import KINDS
from policies.load import load
from policies.snapshot import ApplicationPlan, GrantPlan, LimitPlan, UsagePlan, read


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 3), min_size=1, max_size=80),
    st.integers(1, 10),
    st.integers(1, 10),
    st.integers(1, 12),
)
def test_gcra_never_passes_more_than_burst_and_rate(gaps, quota, window, burst):
    now, tat, accepted = 1_800_000_000.0, 0.0, []
    for gap in gaps:
        now += gap
        before = tat
        tat, taken = gcra(tat, now, quota, window, burst)
        if taken.allowed:
            accepted.append(now)
        else:
            assert tat == before
            _, later = gcra(tat, now + taken.retry_seconds + 1e-3, quota, window, burst)
            assert later.allowed
    for start in range(len(accepted)):
        for end in range(start, len(accepted)):
            span = accepted[end] - accepted[start]
            assert end - start + 1 <= burst + span * quota / window + 1e-3


def test_full_burst_then_refusal():
    tat, now = 0.0, 1_800_000_000.0
    answers = []
    for _ in range(11):
        tat, taken = gcra(tat, now, 10, 10, 10)
        answers.append((taken.allowed, taken.remaining))
    assert answers == [(True, left) for left in range(9, -1, -1)] + [(False, 0)]


def world_inputs(order):
    policies = list(load(packs.text("demo.yaml"), source="demo.yaml"))
    applications = [ApplicationPlan(id=name, name=name, team="t") for name in "abc"]
    grants = [
        GrantPlan(application=name, contract="psa.projects", plan="p", scopes=("projects.read",))
        for name in "abc"
    ]
    deployments = [deployed(), deployed(version="3.0.0", base_path="/psa/projects/v3")]
    plans = [
        UsagePlan(name=n, limits=(LimitPlan(name="l", quota=1, window_seconds=1),)) for n in "pq"
    ]
    for entries in (policies, applications, grants, deployments, plans):
        order.shuffle(entries)
    return Inputs(
        "demo",
        tuple(deployments),
        tuple(policies),
        tuple(applications),
        (),
        tuple(plans),
        tuple(grants),
    )


@settings(deadline=None)
@given(st.integers())
def test_the_digest_does_not_depend_on_order(seed):
    assert compile_with_warnings(world_inputs(random.Random(seed))) == compile_with_warnings(
        world_inputs(random.Random(0))
    )


def _with_schema(schema):
    return compiled().snapshot.contracts[0].model_copy(update={"schemas": {"s": schema}})


def test_a_snapshot_reads_back_and_a_changed_one_does_not():
    snapshot = compiled().snapshot
    text = snapshot.write()
    assert read(text) == snapshot
    for bad in (
        text.replace(b"PRJ", b"YYY").replace(b"demo", b"prod", 1),
        b"{}",
        b"\xff",
        text[:-9],
        b"",
        text.replace(b"30.0", b"NaN"),
        text.replace(b'"demo"', b'"\\ud800"'),
        b"[" * 100_000,
    ):
        assert bad != text
        with pytest.raises(TreatyError) as refused:
            read(bad)
        assert refused.value.problem.type.slug == "snapshot-rejected"
    great = snapshot.model_copy(update={"contracts": (_with_schema({"maximum": 2**70}),)}).sealed()
    assert read(great.write()) == great
    newer = snapshot.model_copy(update={"schema_version": 2}).sealed().write()
    with pytest.raises(TreatyError, match="schema 2"):
        read(newer)


def test_two_deployments_on_one_path():
    with pytest.raises(TreatyError, match=r"both claim /psa/projects/v2") as refused:
        compile_with_warnings(Inputs("demo", (deployed(), deployed(version="2.1.0"))))
    assert refused.value.problem.type.slug == "route-conflict"


def test_a_grant_for_a_plan_that_is_not_there():
    grant = GrantPlan(application="a", contract="psa.projects", plan="gone", scopes=())
    with pytest.raises(TreatyError, match="gone"):
        compile_with_warnings(Inputs("demo", (deployed(),), grants=(grant,)))


def test_a_policy_that_selects_nothing_is_a_warning():
    done = compiled(b"policy: idle\nkind: mask\nselect: {contracts: [crm.*]}")
    assert "idle" in done.warnings[0]
    assert "policies.yaml:1" in done.warnings[0]


def test_nothing_is_open_by_omission():
    kinds = {rule.kind for rule in compiled().snapshot.contracts[0].operations[0].rules}
    assert {"authenticate", "require-scope", "rate-limit", "size-limit"} <= kinds


def test_observe_is_carried():
    done = compiled(b"policy: look\nkind: mask\nmode: observe")
    modes = {
        rule.mode
        for op in done.snapshot.contracts[0].operations
        for rule in op.rules
        if rule.kind == "mask"
    }
    assert modes == {"observe"}


@pytest.mark.parametrize(
    ("classification", "says"),
    [
        ("{category: PIII, masking: {strategy: full}}", "not a category"),
        ("{category: PII, masking: {strategy: shred}}", "not a masking strategy"),
        ("{category: PII, masking: {strategy: regex, pattern: '(a+)+b'}}", "forever"),
        ("{category: PII, masking: {strategy: regex}}", "missing"),
        ("secret", "mapping"),
    ],
)
def test_a_classification_that_cannot_be_enforced_is_refused_with_its_line(classification, says):
    text = (
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      responses:\n"
        "        '200':\n          description: d\n          content:\n            application/json:\n"
        f"              schema:\n                x-data-classification: {classification}\n"
    )
    contract = read_contract(text.encode(), source="t.yaml")
    with pytest.raises(TreatyError, match=says) as refused:
        compile_with_warnings(Inputs("demo", (deployed(contract=contract),)))
    assert 12 in [detail.line for detail in refused.value.problem.errors]


def test_explain_names_every_rule_with_its_line():
    grants = (
        GrantPlan(application="a", contract="psa.projects", plan="p", scopes=("projects.write",)),
    )
    plans = (UsagePlan(name="p", limits=()),)
    snapshot = compile_with_warnings(
        Inputs("demo", (deployed(),), grants=grants, plans=plans)
    ).snapshot
    path = explain(snapshot, "psa.projects", "getProject", "a")
    says = {rule["kind"]: rule["says"] for rule in path["rules"]}
    assert "refused" in says["require-scope"]
    assert all(rule["source"]["line"] > 0 for rule in path["rules"])
    with pytest.raises(TreatyError, match="no operation"):
        explain(snapshot, "psa.projects", "nothing", "a")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_example_of_a_kind_compiles_and_has_its_page(kind):
    done = compiled(kind.example.encode())
    assert done.warnings == ()
    policies = load(kind.example.encode(), source="example.yaml")
    assert {policy.kind for policy in policies} == {kind.name}
    assert kind.problems or kind.name in ("cache", "compression")  # they never refuse
    page = Path(__file__).parents[2] / "docs" / "policies" / f"{kind.name}.md"
    assert page.read_text(encoding="utf-8") == documentation.render_kind(kind)


def test_the_page_of_kinds_is_in_step():
    page = documentation.render()
    assert [name for name in KINDS if f"`{name}`" not in page] == []
    written = Path(__file__).parents[2] / "docs" / "policies.md"
    assert written.read_text(encoding="utf-8") == page
