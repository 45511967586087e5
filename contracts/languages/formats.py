"""Formats as regular languages, and samples of them. Called by `containment.strings`.

Validators differ at the edges of most formats. So a format has two patterns: each text that matches
the `INNER` one follows the format for every validator, and each text that follows the format for
any of them matches the `OUTER` one. Where both are the same, the format is exactly that language.
Sources: RFC 3339, 3986, 4122, 4291, 4648, 1123, 5321, 6901, as JSON Schema 2020-12 (validation,
section 7.3) names them.
"""

from collections.abc import Mapping

_COMMON_DAY = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)"
    r"|02-(?:0[1-9]|1\d|2[0-8]))"
)
_LEAP_YEAR = r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DATE = rf"(?:\d{{4}}-{_COMMON_DAY}|{_LEAP_YEAR}-02-29)"
_OFFSET = r"[+-](?:[01]\d|2[0-3]):[0-5]\d"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_TIME = rf"{_CLOCK}:[0-5]\d(?:\.\d{{1,9}})?(?:Z|{_OFFSET})"
_ANY_TIME = rf"{_CLOCK}:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|{_OFFSET})"
_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_HEX = r"[0-9A-Fa-f]"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"(?![^@]*--){_LABEL}(?:\.{_LABEL}){{0,2}}"  # `--` has a meaning of its own in IDNA
_LOCAL = r"[A-Za-z0-9_+-]"
_GROUP = rf"{_HEX}{{1,4}}"
_IPV6 = "|".join(
    [rf"(?:{_GROUP}:){{7}}{_GROUP}", rf"(?:{_GROUP}:){{1,7}}:", rf":(?::{_GROUP}){{1,7}}", "::"]
    + [rf"(?:{_GROUP}:){{{n}}}(?::{_GROUP}){{1,{7 - n}}}" for n in range(1, 7)]
)
_CHAR = rf"(?:[A-Za-z0-9._~!$&'()*+,;=@-]|%{_HEX}{{2}})"
_PATH = rf"(?:{_CHAR}|[:/])*"
_TAIL = rf"(?:\?(?:{_CHAR}|[:/?])*)?(?:#(?:{_CHAR}|[:/?])*)?"
_AUTHORITY = rf"//[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{{1,4}})?(?:/{_PATH})?"
_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
_URI = rf"{_SCHEME}(?:{_AUTHORITY}|(?!//){_PATH}){_TAIL}"
_RELATIVE = rf"(?:{_AUTHORITY}|/(?!/){_PATH}|{_CHAR}+(?:/{_PATH})?|){_TAIL}"
_URI_CHARS = r"[!#$%&-;=?-Z\[\]_a-z~]"
_POINTER = r"(?:/(?:[^~/]|~[01])*)*"
_SPAN = r"(?:{n}S|{n}M(?:{n}S)?|{n}H(?:{n}M(?:{n}S)?)?)".replace("{n}", r"\d{1,9}")
_DAYS = r"(?:{n}D|{n}M(?:{n}D)?|{n}Y(?:{n}M(?:{n}D)?)?)".replace("{n}", r"\d{1,9}")
_SIX = r"[A-Za-z0-9+/]"  # six bits in base64
_IPV4 = rf"^(?:{_BYTE}\.){{3}}{_BYTE}$"
_UUID = rf"^{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}$"

INNER: Mapping[str, str] = {
    "date": rf"^(?!0000){_DATE}$",
    "date-time": rf"^(?!0000){_DATE}T{_TIME}$",
    "time": rf"^{_TIME}$",
    "duration": rf"^P(?:\d{{1,9}}W|{_DAYS}(?:T{_SPAN})?|T{_SPAN})$",
    "uuid": _UUID,
    "ipv4": _IPV4,
    "ipv6": rf"^(?:{_IPV6})$",
    "hostname": rf"^{_HOST}$",
    "idn-hostname": rf"^{_HOST}$",
    "email": rf"^{_LOCAL}{{1,20}}(?:\.{_LOCAL}{{1,20}}){{0,2}}@{_HOST}$",
    "idn-email": rf"^{_LOCAL}{{1,20}}(?:\.{_LOCAL}{{1,20}}){{0,2}}@{_HOST}$",
    "uri": rf"^{_URI}$",
    "iri": rf"^{_URI}$",
    "uri-reference": rf"^(?:{_URI}|{_RELATIVE})$",
    "iri-reference": rf"^(?:{_URI}|{_RELATIVE})$",
    "uri-template": rf"^(?:{_URI}|{_RELATIVE})$",
    "json-pointer": rf"^{_POINTER}$",
    "relative-json-pointer": rf"^(?:0|[1-9]\d{{0,8}})(?:#|{_POINTER})$",
    "regex": r"^[A-Za-z0-9]*$",
    "byte": rf"^(?:{_SIX}{{4}})*(?:{_SIX}[AQgw]==|{_SIX}{{2}}[AEIMQUYcgkosw048]=)?$",
}

OUTER: Mapping[str, str] = {
    "date": rf"^{_DATE}$",
    "date-time": rf"^{_DATE}[Tt _]{_ANY_TIME}$",
    "time": rf"^{_ANY_TIME}$",
    "duration": r"^P[0-9WDMYTHS.,]+$",
    "uuid": _UUID,
    "ipv4": _IPV4,
    "ipv6": r"^[0-9A-Fa-f:.]{2,45}(?:%[\s\S]+)?$",
    "hostname": r"^[A-Za-z0-9._-]+$",
    "idn-hostname": r"^\S+$",
    "email": "@",
    "idn-email": "@",
    "uri": rf"^{_SCHEME}{_URI_CHARS}*$",
    "iri": rf"^{_SCHEME}\S*$",
    "uri-reference": rf"^{_URI_CHARS}*$",
    "iri-reference": r"^\S*$",
    "uri-template": "",
    "json-pointer": rf"^{_POINTER}$",
    "relative-json-pointer": rf"^\d+(?:[+-]\d+)?(?:#|{_POINTER})$",
    "regex": "",
    "byte": r"^[A-Za-z0-9+/=_\s-]*$",
}

# Formats that hold every text of a format, by their definition.
WIDER: Mapping[str, tuple[str, ...]] = {
    "email": ("idn-email",),
    "hostname": ("idn-hostname",),
    "iri": ("iri-reference",),
    "uri": ("iri", "uri-reference", "iri-reference"),
    "uri-reference": ("iri-reference",),
}

# Texts that every validator accepts, then texts that every one refuses: tried before a search.
SAMPLES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "date": (("2024-01-31", "2024-02-29"), ("a", "2024-01-32", "2023-02-29")),
    "date-time": (("2024-01-31T12:00:00Z",), ("a", "2024-01-31", "2024-01-31T25:00:00Z")),
    "time": (("12:00:00Z",), ("a", "25:00:00Z")),
    "duration": (("P1D", "PT1H"), ("a", "P", "1D")),
    "email": (("a@example.com",), ("a",)),
    "idn-email": (("a@example.com",), ("a",)),
    "hostname": (("example.com",), ("-a-", "a b", "")),
    "idn-hostname": (("example.com",), ("-a-", "a b")),
    "ipv4": (("192.0.2.1",), ("a", "256.0.0.1", "1.2.3")),
    "ipv6": (("2001:db8::1", "::"), ("a", "1::2::3")),
    "uri": (("https://example.com/a", "urn:a:b"), ("a", "://", "a b")),
    "uri-reference": (("https://example.com/a", "/a", ""), ("\\a", "a b")),
    "iri": (("https://example.com/a",), ("a", "a b")),
    "iri-reference": (("https://example.com/a", "/a"), ("\\a",)),
    "uri-template": (("https://example.com/{a}", "/a"), ("{a",)),
    "uuid": (("00000000-0000-4000-8000-000000000000",), ("a", "0000")),
    "json-pointer": (("/a", "", "/~0"), ("a", "/~2")),
    "relative-json-pointer": (("0/a", "0", "1#"), ("a", "/a")),
    "regex": (("a",), ("(", "[")),
    "byte": (("YQ==", ""), ("a", "*")),
}
