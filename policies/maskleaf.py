"""One `x-data-classification`, read strictly: what cannot be enforced is refused where it stands."""

from typing import Any

from contracts.document import Json
from policies import patterns
from policies.masking import CATEGORIES, FORMATS, RESTRICTIVENESS, SENSITIVITIES

KEYWORD = "x-data-classification"
_WRITE_ONLY = {
    "category": "other",
    "sensitivity": "restricted",
    "strategy": "remove",
    "always": True,
}
_MAX_KEEP = 100
_MAX_REPLACEMENT = 100
_MAX_STEP = 1_000_000_000


class ClassificationError(ValueError):
    """A classification that no mask can enforce; the message says why."""


def read_leaf(schema: dict[str, Json]) -> dict[str, Any] | None:
    """Return the leaf of a schema, or None where nothing is classified.

    Raises `ClassificationError` with a sentence for a classification that cannot be enforced.
    """
    if schema.get("writeOnly") is True:
        return dict(_WRITE_ONLY)
    stated = schema.get(KEYWORD)
    if stated is None:
        return None
    if not isinstance(stated, dict):
        raise ClassificationError(f"`{KEYWORD}` must be a mapping")
    masking = stated.get("masking", {})
    if not isinstance(masking, dict):
        raise ClassificationError("`masking` must be a mapping")
    leaf: dict[str, Any] = {
        "category": _one_of(stated.get("category"), CATEGORIES, "category"),
        "sensitivity": _one_of(
            stated.get("sensitivity", "confidential"), SENSITIVITIES, "sensitivity"
        ),
        "strategy": _one_of(masking.get("strategy", "full"), RESTRICTIVENESS, "masking strategy"),
    }
    if schema.get("format") in FORMATS:
        leaf["format"] = schema["format"]
    return leaf | _parameters(masking, leaf["strategy"])


def _parameters(masking: dict[str, Json], strategy: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    keep = masking.get("keep")
    if keep is not None:
        if isinstance(keep, bool) or not isinstance(keep, int) or not 0 <= keep <= _MAX_KEEP:
            raise ClassificationError(f"`keep` must be a whole number up to {_MAX_KEEP}")
        found["keep"] = keep
    char = masking.get("maskChar")
    if char is not None:
        if not isinstance(char, str) or len(char) != 1 or not char.isprintable():
            raise ClassificationError("`maskChar` must be one printable character")
        found["char"] = char
    replacement = masking.get("replacement")
    if replacement is not None:
        if not isinstance(replacement, str) or len(replacement) > _MAX_REPLACEMENT:
            raise ClassificationError(
                f"`replacement` must be text of up to {_MAX_REPLACEMENT} characters"
            )
        found["replacement"] = replacement
    if strategy == "generalize":
        return found | _groups(masking)
    return found | (_pattern(masking) if strategy == "regex" else {})


def _groups(masking: dict[str, Json]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    step = masking.get("step")
    if step is not None:
        if isinstance(step, bool) or not isinstance(step, int) or not 1 < step <= _MAX_STEP:
            raise ClassificationError(f"`step` must be a whole number from 2 to {_MAX_STEP}")
        found["step"] = step
    if masking.get("to") is not None:
        found["to"] = _one_of(masking["to"], ("year", "month", "decade"), "period of dates")
    return found


def _pattern(masking: dict[str, Json]) -> dict[str, Any]:
    pattern = masking.get("pattern")
    problem = patterns.problem(pattern) if isinstance(pattern, str) else "`pattern` is missing"
    if problem:
        raise ClassificationError(problem)
    return {"pattern": pattern}


def _one_of(value: Json, known: tuple[str, ...], what: str) -> str:
    for entry in known:
        if isinstance(value, str) and value.lower() == entry.lower():
            return entry
    raise ClassificationError(f"{str(value)[:40]!r} is not a {what}: {', '.join(known)}")
