"""Formats as regular languages, and samples of those that are none. Called by containment.

A pattern is tight enough that a text which matches it follows the format for every validator.
Sources: RFC 3339, 4122, 791, 4291, 1123, 5321, 3986, 6901, ISO 8601 as JSON Schema names them.
"""

from collections.abc import Mapping

_DAY = r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
_DATE = rf"[12]\d{{3}}-{_DAY}"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"

FORMATS: Mapping[str, str] = {
    "date": rf"^{_DATE}$",
    "date-time": rf"^{_DATE}T{_TIME}$",
    "time": rf"^{_TIME}$",
    "uuid": r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    "ipv4": rf"^(?:{_BYTE}\.){{3}}{_BYTE}$",
}

# Valid texts, then invalid ones: tried before anything is searched.
SAMPLES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "date": (("2024-01-31",), ("a", "2024-01-32")),
    "date-time": (("2024-01-31T12:00:00Z",), ("a", "2024-01-31", "2024-01-31 12:00")),
    "time": (("12:00:00Z",), ("a", "25:00:00Z")),
    "duration": (("P1D",), ("a",)),
    "email": (("a@example.com",), ("a",)),
    "idn-email": (("a@example.com",), ("a",)),
    "hostname": (("example.com",), ("-a-", "a_b")),
    "idn-hostname": (("example.com",), ("-a-",)),
    "ipv4": (("192.0.2.1",), ("a", "256.0.0.1")),
    "ipv6": (("2001:db8::1",), ("a",)),
    "uri": (("https://example.com/a",), ("a", "://")),
    "uri-reference": (("https://example.com/a", "/a"), ("\\a", "a b")),
    "iri": (("https://example.com/a",), ("a",)),
    "iri-reference": (("https://example.com/a", "/a"), ("\\a",)),
    "uri-template": (("https://example.com/{a}",), ("{a",)),
    "uuid": (("00000000-0000-4000-8000-000000000000",), ("a", "0000")),
    "json-pointer": (("/a",), ("a",)),
    "relative-json-pointer": (("0/a",), ("a",)),
    "regex": (("a",), ("(",)),
    "byte": (("YQ==",), ("a", "*")),
}
