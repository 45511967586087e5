"""Texts with formats: nothing is proven from the inner edge of a format, nothing found at its outer."""

import pytest

from contracts.containment.claims import Among, Formatted, Matches, Size
from contracts.containment.outcome import NONE, Found, Unknown
from contracts.containment.strings import settle


def among(*texts):
    return Among("string", frozenset(f'"{text}"' for text in texts))


@pytest.mark.parametrize(
    ("atoms", "outcome"),
    [
        ([Formatted("date"), Matches("-02-29$"), Matches("^19")], Found("1904-02-29")),
        ([Formatted("date"), Matches("^2023-02-29$")], NONE),
        ([Formatted("date"), among("2024-02-29", "2023-02-29")], Found("2024-02-29")),
        ([Formatted("date"), Matches("-02-30")], NONE),
        ([Formatted("date", holds=False), Matches(r"^\d{4}-0[13]-[0-2][1-8]$"), Matches("^1")], NONE),
        ([Formatted("time"), Matches(":60Z$")], Unknown("validators differ about a format", ("00:00:60Z",))),
        ([Formatted("time"), Matches("^a")], NONE),
        ([Formatted("uri"), Formatted("uri-reference", holds=False)], NONE),
        ([Formatted("uri-reference"), Formatted("uri", holds=False), Size("string", 1)], Found("/a")),
        ([Formatted("uri"), Matches(" ")], NONE),
        ([Formatted("uri"), Matches("^urn:")], Found("urn:a:b")),
        ([Formatted("uri"), Matches("^tel:")], Found("tel:")),
        ([Formatted("uuid"), Matches("g")], NONE),
        ([Formatted("uuid"), Size("string", 0, 35)], NONE),
        ([Formatted("hostname", holds=False), Matches("^[a-z]{1,63}$")], NONE),
        ([Formatted("json-pointer"), Matches("~2")], NONE),
        ([Formatted("nobody-knows-it"), Matches("^a$")], Unknown("no pattern describes the format nobody-knows-it")),
    ],
)  # fmt: skip
def test_settles_texts(atoms, outcome):
    assert settle(None, atoms, final=True) == outcome
