"""Smaller replies for clients that take them: a content coding chosen by `Accept-Encoding`.

Source: RFC 9110 sections 8.4 and 12.5.3. The transport encodes what leaves, so that caches, stored
replies and masks know plain bodies only.
"""

import re
import zlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from policies.kind import Compiled, Kind, RequestOnly, ResponseOnly, Spec, Stage, Target

Coding = Literal["gzip", "deflate"]
Media = Annotated[str, Field(pattern=r"^[a-z0-9*][a-z0-9.*+-]*(/[a-z0-9.*+-]+)?$", max_length=100)]

T = TypeVar("T")

_MAX_KNOWN = 1_000
_MAX_CODINGS = 20
_NOT_WHOLE = frozenset({204, 206, 304})
_WINDOW = {"gzip": 31, "deflate": 15}  # zlib's words for RFC 1952 and RFC 1950
_WEIGHT = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_ALIASES = {"x-gzip": "gzip"}  # RFC 9110 section 8.4.1.3


class CompressionSpec(Spec):
    """The first coding of `codings` that the client weighs highest; `media` are type names.

    `*/*+json` and `text/*` are patterns. Larger bodies than `max_bytes` leave as they are unless
    they stream.
    """

    codings: tuple[Coding, ...] = Field(default=("gzip", "deflate"), min_length=1)
    min_bytes: int = Field(default=1024, ge=0, le=16_777_216)
    max_bytes: int = Field(default=1_048_576, ge=1, le=16_777_216)
    level: int = Field(default=5, ge=1, le=9)
    media: tuple[Media, ...] = Field(
        default=(
            "text/*", "application/json", "*/*+json", "application/xml", "*/*+xml",
            "application/javascript", "application/yaml",
        ),
        min_length=1,
        max_length=50,
    )  # fmt: skip


def compile_rule(spec: CompressionSpec, target: Target) -> Compiled:
    """Return the settings as they are."""
    del target  # the same for every operation that is selected
    return Compiled(spec.model_dump(mode="json"))


class Compression(RequestOnly, ResponseOnly):
    """Judges nothing itself: the transport asks it for the coding of each reply."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        spec = self.settings = CompressionSpec.model_validate(settings)
        patterns = "|".join(re.escape(each).replace(r"\*", r"[^/]*") for each in spec.media)
        self._media = re.compile(patterns)
        self._chosen: dict[str, str] = {}
        self._eligible: dict[str, bool] = {}

    def applies(self, status: int, fields: Mapping[str, str]) -> bool:
        """Tell whether replies like this one are encoded for clients that take it.

        Never what is encoded already, a part, or marked `no-transform` (RFC 9111 section 5.2.2.6).
        """
        if status in _NOT_WHOLE or "content-range" in fields:
            return False
        if fields.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            return False
        if "no-transform" in fields.get("cache-control", "").lower():
            return False
        media = fields.get("content-type", "")
        known = self._eligible.get(media)
        if known is None:
            name = media.partition(";")[0].strip().lower()
            known = self._media.fullmatch(name) is not None
            _keep(self._eligible, media, known)
        return known

    def fits(self, size: int) -> bool:
        """Tell whether a whole body of so many bytes is worth it, and not too much at once."""
        return self.settings.min_bytes <= size <= self.settings.max_bytes

    def coding(self, accept: str | None) -> str:
        """Return the coding for an `Accept-Encoding`, empty for none."""
        if not accept:
            return ""
        known = self._chosen.get(accept)
        if known is None:
            known = _choose(accept, self.settings.codings)
            _keep(self._chosen, accept, known)
        return known

    def encode(self, coding: str, body: bytes) -> bytes:
        """Return the encoded body."""
        return zlib.compress(body, self.settings.level, wbits=_WINDOW[coding])

    def stream(self, coding: str) -> "Encoder":
        """Return what encodes a body piece by piece."""
        return Encoder(self.settings.level, _WINDOW[coding])


class Encoder:
    """A body that streams; implements `policies.kind.Filter`."""

    def __init__(self, level: int, window: int) -> None:
        self._engine = zlib.compressobj(level, wbits=window)

    def feed(self, chunk: bytes) -> bytes:
        """Return what is ready."""
        return self._engine.compress(chunk)

    def end(self) -> bytes:
        """Return the rest."""
        return self._engine.flush()


def encoded(fields: list[tuple[str, str]], coding: str) -> list[tuple[str, str]]:
    """Return the header of a reply that varies by coding; with a coding it tells of it.

    A strong validator becomes a weak one, since the bytes are others (RFC 9110 section 8.8.1).
    """
    kept = [*fields, ("vary", "Accept-Encoding")]
    if not coding:
        return kept
    kept = [(name, _weak(value) if name.lower() == "etag" else value) for name, value in kept]
    return [pair for pair in kept if pair[0].lower() not in _OF_THE_BYTES] + [
        ("content-encoding", coding)
    ]


_OF_THE_BYTES = frozenset(
    {"content-encoding", "content-length", "accept-ranges", "content-md5", "digest"}
    | {"content-digest", "repr-digest"}
)


def _weak(tag: str) -> str:
    return tag if tag.startswith("W/") else f"W/{tag}"


def _choose(accept: str, codings: tuple[str, ...]) -> str:
    weights: dict[str, float] = {}
    for part in accept.split(",", _MAX_CODINGS)[:_MAX_CODINGS]:
        name, *parameters = part.split(";")
        coding = name.strip().lower()
        weights.setdefault(_ALIASES.get(coding, coding), _weight(parameters))
    others = weights.get("*", 0.0)
    best = max(codings, key=lambda coding: weights.get(coding, others))
    weight = weights.get(best, others)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else ""


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            text = value.strip()
            return float(text) if _WEIGHT.fullmatch(text) else 0.0
    return 1.0


def _keep(known: dict[str, T], key: str, value: T) -> None:
    if len(known) >= _MAX_KNOWN:
        known.clear()
    known[key] = value


_EXAMPLE = """\
policy: smaller-lists
kind: compression
select: {operations: [listProjects]}
spec: {codings: [gzip], min_bytes: 2048}
"""

KIND = Kind(
    name="compression",
    stage=Stage.ENCODE,
    summary="Encodes replies with gzip or deflate for clients that take it, above a size and by media type.",
    spec=CompressionSpec,
    compile=compile_rule,
    build=Compression,
    when="never",
    example=_EXAMPLE,
)
