"""JSON Pointer (RFC 6901): writing, reading and walking."""

from collections.abc import Iterable


def escape(token: str) -> str:
    """Return one reference token with `~` and `/` escaped (RFC 6901 section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """Return the raw token; the order matters, `~01` is `~1` and not `/`."""
    return token.replace("~1", "/").replace("~0", "~")


def join(base: str, *tokens: str | int) -> str:
    """Return `base` extended by raw tokens."""
    return base + "".join("/" + escape(str(token)) for token in tokens)


def split(pointer: str) -> tuple[str, ...]:
    """Return the raw tokens of a pointer; the empty pointer has none."""
    return tuple(unescape(token) for token in pointer.split("/")[1:])


def walk(root: object, tokens: Iterable[str]) -> object:
    """Return the value that the tokens lead to.

    Raises `LookupError` when a token does not exist on the way.
    """
    value = root
    for token in tokens:
        if isinstance(value, dict):
            value = value[token]
        elif isinstance(value, list) and token.isascii() and token.isdigit():
            value = value[int(token)]
        else:
            raise LookupError(token)
    return value
