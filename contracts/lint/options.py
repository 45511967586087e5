"""Reading `functionOptions`: a wrong option is a clear problem, not a rule that never fires."""

from collections.abc import Mapping

from contracts import catalog
from contracts.document import Json
from contracts.errors import TreatyError


def refusal(sentence: str) -> TreatyError:
    """Return the error for a ruleset that makes no sense."""
    return TreatyError(catalog.INVALID_RULESET, sentence)


def text(options: Mapping[str, Json], name: str) -> str | None:
    """Return a text option, None when absent. Raises `TreatyError` (invalid-ruleset)."""
    value = options.get(name)
    if value is None or isinstance(value, str):
        return value
    raise refusal(f"The option '{name}' must be a text.")


def texts(options: Mapping[str, Json], name: str) -> tuple[str, ...]:
    """Return a required list of texts. Raises `TreatyError` (invalid-ruleset)."""
    value = options.get(name)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return tuple(str(item) for item in value)
    raise refusal(f"The option '{name}' must be a list of texts.")


def flag(options: Mapping[str, Json], name: str) -> bool:
    """Return a yes/no option, no when absent. Raises `TreatyError` (invalid-ruleset)."""
    value = options.get(name, False)
    if isinstance(value, bool):
        return value
    raise refusal(f"The option '{name}' must be true or false.")


def number(options: Mapping[str, Json], name: str) -> float | None:
    """Return a numeric option, None when absent. Raises `TreatyError` (invalid-ruleset)."""
    value = options.get(name)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise refusal(f"The option '{name}' must be a number.")
