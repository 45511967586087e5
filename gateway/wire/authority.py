"""The Host field (RFC 9110 section 7.2): one host, perhaps a port, and nothing else."""

import ipaddress
import re
from functools import lru_cache

_NAME = re.compile(r"([A-Za-z0-9._~-]{1,255})(?::([0-9]{1,5}))?")
_LITERAL = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\](?::([0-9]{1,5}))?")
_MAX_PORT = 65_535


@lru_cache(maxsize=1024)
def is_authority(text: str) -> bool:
    """Tell whether the text is `host` or `host:port`, without userinfo, escapes or lists."""
    literal = _LITERAL.fullmatch(text)
    if literal is not None and not _is_ipv6(literal[1]):
        return False
    match = literal or _NAME.fullmatch(text)
    return match is not None and int(match[2] or 0) <= _MAX_PORT


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
