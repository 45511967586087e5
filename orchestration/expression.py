"""JSONata as flows and mappings use it: bounded in size and time, exact with money, repeatable.

`$now` and `$millis` give the time at which the run began, `$random` is derived from the run, and
`$eval` is refused, so that an expression gives the same answer whenever a step is repeated.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import jsonatapy

from contracts.document import Json
from orchestration.money import FUNCTIONS

MAX_LENGTH = 20_000
_MILLISECONDS = 500
_DEPTH = 200
_SEQUENCE = 100_000


class ExpressionError(Exception):
    """The expression does not compile, or failed on this input; the text names no value."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """What an expression may know of the world: when the run began, and its id."""

    at: datetime
    seed: str

    def random(self) -> float:
        """Return a number from 0 up to 1, the same one for the same run."""
        digest = hashlib.sha256(self.seed.encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48


NOWHERE = Frozen(datetime(2026, 1, 1, tzinfo=UTC), "")


class Expression:
    """A compiled expression. May be used by several threads."""

    def __init__(self, text: str) -> None:
        """Compile. Raises `ExpressionError`."""
        if not text.strip() or len(text) > MAX_LENGTH:
            raise ExpressionError(f"an expression has 1 to {MAX_LENGTH} characters")
        self.text = text
        self._kept = threading.local()  # the engine's object belongs to one thread
        self._compiled()

    def _compiled(self) -> tuple[jsonatapy.JsonataExpression, dict[str, Frozen]]:
        kept = getattr(self._kept, "pair", None)
        if kept is None:
            kept = self._kept.pair = self._compile()
        return kept

    def _compile(self) -> tuple[jsonatapy.JsonataExpression, dict[str, Frozen]]:
        clock = {"run": NOWHERE}
        try:
            compiled = jsonatapy.compile(
                self.text,
                timeout=_MILLISECONDS,
                max_stack_depth=_DEPTH,
                max_sequence_length=_SEQUENCE,
            )
            for name, function in FUNCTIONS.items():
                compiled.register(name, function)
            for name, replacement in _frozen(clock).items():
                compiled.register_override(name, replacement)
        except (ValueError, TypeError) as error:
            raise ExpressionError(f"it does not compile: {str(error)[:200]}") from None
        return compiled, clock

    def evaluate(self, value: Json, frozen: Frozen = NOWHERE) -> Json:
        """Return the result; None also where there is none. Raises `ExpressionError`."""
        compiled, clock = self._compiled()
        clock["run"] = frozen
        try:
            result: Json = compiled.evaluate(value)
        except BaseException as error:
            # A panic of the engine is no `Exception`; it must fail one step, not end the worker.
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            raise ExpressionError(_reason(error)) from None
        return result


def _reason(error: BaseException) -> str:
    """Return why it failed; values of the input may stand in the engine's own texts."""
    text = str(error)
    for known in ("an amount is", "decimal places are", "$eval is not allowed"):
        if known in text:
            return text[text.index(known) :][:120]
    for word, sentence in (
        ("timeout", "it takes too long"),
        ("timed out", "it takes too long"),
        ("D1012", "it takes too long"),
        ("U1001", "it is nested too deeply"),
    ):
        if word in text:
            return sentence
    return f"it failed ({type(error).__name__} {text[:5]})"


def _frozen(clock: Mapping[str, Frozen]) -> dict[str, Callable[..., object]]:
    def now(*_: object) -> str:
        return f"{clock['run'].at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"

    def no_eval(*_: object) -> object:
        raise ValueError("$eval is not allowed")

    return {
        "now": now,
        "millis": lambda *_: int(clock["run"].at.timestamp() * 1000),
        "random": lambda *_: clock["run"].random(),
        "eval": no_eval,
    }
