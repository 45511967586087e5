"""Laws of the reader, over values and over noise."""

import json

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import pointer as jp
from contracts.digest import canonical
from contracts.document import Number
from contracts.errors import TreatyError
from contracts.formats import read
from contracts.formats.yaml import parse, parse_all
from contracts.validate import validate

LAWS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=25,
)


@LAWS
@given(values, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_json_is_read_as_json_reads_it(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert parse(text.encode(), source="x.json").root == json.loads(text)


@LAWS
@given(values)
def test_json_is_recognised_without_a_name(value):
    text = json.dumps({"root": value})
    assert parse(text.encode(), source="unnamed").root == json.loads(text)


@LAWS
@given(values)
def test_what_pyyaml_writes_comes_back(value):
    text = yaml.safe_dump(value, allow_unicode=False, sort_keys=False)
    assert parse(text.encode(), source="x.yaml").root == value


@LAWS
@given(values, st.sampled_from(["x.json", "x.yaml"]))
def test_every_node_has_a_position_inside_the_text(value, source):
    text = json.dumps({"root": value}, indent=1)
    document = parse(text.encode(), source=source)
    lines = text.split("\n")
    count = 0
    for pointer, position in document.positions.items():
        count += 1
        line = lines[position.line - 1]
        assert 1 <= position.column <= len(line)
        token = jp.split(pointer)[-1] if pointer else ""
        node = document.at(pointer)
        if pointer and isinstance(document.at(pointer.rpartition("/")[0]), dict):
            assert line[position.column - 1 :].startswith(json.dumps(token))
        elif isinstance(node, str):
            assert line[position.column - 1 :].startswith(json.dumps(node))
    assert count == nodes(document.root)


def nodes(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(nodes(item) for item in inner)


FRAGMENTS = st.sampled_from(
    [
        *"[]{},:&*!|>'\"%@`#-?~\n\t \\<",
        "a",
        "- ",
        ": ",
        "&a ",
        "*a",
        "<<: ",
        "---\n",
        "1.5",
        "0x1",
        "\u0085",
        "é",
        '{"',
        "!!int ",
        "\\ud800",
    ]
)


@LAWS
@given(
    st.binary(max_size=200) | st.lists(FRAGMENTS, max_size=40).map(lambda p: "".join(p).encode())
)
def test_noise_is_read_or_refused_never_worse(noise):
    for reader in (parse, parse_all, read):
        problem = refusal(reader, noise)
        assert problem is None or {detail.file for detail in problem.errors} == {"noise"}


def refusal(reader, noise):
    try:
        reader(noise, source="noise")
    except TreatyError as error:
        return error.problem
    return None


WORDS = """info title version paths /a /a/{x} get post parameters name in schema $ref type properties
items allOf default required responses 200 content application/json security components schemas
securitySchemes oauth2 flows scopes tags servers requestBody operationId"""
KEYS = st.sampled_from(WORDS.split())
LEAVES = scalars | st.sampled_from(
    ["#/components/schemas/A", "#/paths", "#", "query", "path", "string", "object", "x.yaml#/a"]
)
shapes = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)


@LAWS
@given(
    st.dictionaries(KEYS, shapes, max_size=6),
    st.sampled_from(
        [
            ("openapi", "3.0.3"),
            ("openapi", "3.1.0"),
            ("openapi", "3.2.0"),
            ("swagger", "2.0"),
            ("$schema", "https://json-schema.org/draft/2020-12/schema"),
        ]
    ),
)
def test_any_shape_can_be_read_and_judged(shape, marker):
    document = {marker[0]: marker[1], **shape}
    contract = read(json.dumps(document).encode(), source="shape.json")
    issues = validate(contract)
    assert issues == validate(contract)
    assert len({issue.fingerprint for issue in issues}) == len(issues) <= 500
    assert all(issue.message.endswith(".") and issue.place.line >= 1 for issue in issues)


@LAWS
@given(values)
def test_the_canonical_form_keeps_the_value_and_forgets_the_order(value):
    written = canonical(value)
    assert canonical(json.loads(written)) == written
    if isinstance(value, dict):
        assert canonical(dict(reversed(value.items()))) == written


@LAWS
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_canonical_numbers_are_the_same_numbers(number):
    assert float(canonical(number)) == number
    assert canonical(Number(repr(number))) == canonical(number)
