"""The canonical form against the numbers and orders that RFC 8785 prescribes."""

import pytest

from contracts.digest import canonical, digest
from contracts.document import Number


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (123456789012345680000.0, "123456789012345680000"),
        (123.456, "123.456"),
        (-0.000001, "-0.000001"),
        (1e-7, "1e-7"),
        (1.5e-9, "1.5e-9"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (Number("1.10"), "1.1"),
        (10**30, "1" + "0" * 30),
        (True, "true"),
        (None, "null"),
        ([], "[]"),
        ({}, "{}"),
        ("\u20ac$\x0f\nA'\"\\/\x7f", '"\u20ac$\\u000f\\nA\'\\"\\\\/\x7f"'),
        ({"b": [1, {"z": 1, "a": 2}], "a": ""}, '{"a":"","b":[1,{"a":2,"z":1}]}'),
        # A surrogate pair sorts before U+E000 in UTF-16, after it by code point.
        ({"\ue000": 1, "\U0001f600": 2}, '{"\U0001f600":2,"\ue000":1}'),
    ],
)
def test_canonical(value, written):
    assert canonical(value).decode() == written


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_has_no_json_form_is_refused(value):
    with pytest.raises(ValueError, match=r"NaN|surrogates"):
        canonical(value)


def test_the_digest_names_its_algorithm():
    empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert digest({}) == f"sha256:{empty}"
