"""Links of an upstream as clients shall see them; for `Location` and `Content-Location`."""


def rewritten(value: str, upstream: str, base_path: str) -> str:
    """Return the link with the upstream's address replaced by the gateway's base path."""
    scheme, _, rest = upstream.rstrip("/").partition("://")
    authority, slash, path = rest.partition("/")
    origin = f"{scheme}://{authority}"
    if value == origin or value.startswith(origin + "/"):
        value = value.removeprefix(origin) or "/"
    elif not value.startswith("/") or value.startswith("//"):
        return value
    below = value.removeprefix(slash + path) if path else value
    inside = below != value or not path
    if not inside or (below and below[0] not in "/?#"):
        return value
    return base_path + below
