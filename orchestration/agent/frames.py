"""The wire between worker and agent: JSON text frames over a WebSocket (RFC 6455). Pure.

`hello` (agent: places, systems with their contract versions), `call` (worker), `outcome` (agent).
"""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from orchestration.definition import Name, OperationName, System
from orchestration.interpreter import Request

MAX_FRAME = 4_000_000  # bytes
MAX_PLACES = 1_000


class FrameError(ValueError):
    """The other side sent something that is no frame."""


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Hello(_Frame):
    """What an agent says first: how many calls it takes at once, and of which systems."""

    type: Literal["hello"] = "hello"
    places: int = Field(ge=1, le=MAX_PLACES)
    systems: dict[Name, System] = Field(min_length=1, max_length=50)


class Asked(_Frame):
    """A request, as the interpreter makes it."""

    operation: OperationName
    inputs: dict[str, JsonValue]
    body: JsonValue = None
    key: str = ""
    source: str = ""


class Call(_Frame):
    """One call that the agent is to make."""

    type: Literal["call"] = "call"
    id: int = Field(ge=1)
    request: Asked

    def asked(self) -> Request:
        """Return the request."""
        given = self.request
        return Request(given.operation, given.inputs, given.body, given.key, given.source)


class Came(_Frame):
    """What a call came to."""

    type: Literal["outcome"] = "outcome"
    id: int = Field(ge=1)
    outcome: dict[str, JsonValue]


Frame = Annotated[Hello | Call | Came, Field(discriminator="type")]
_FRAMES: TypeAdapter[Hello | Call | Came] = TypeAdapter(Frame)


def read(text: str | bytes) -> Hello | Call | Came:
    """Return the frame. Raises `FrameError`."""
    if len(text) > MAX_FRAME:
        raise FrameError("the frame is too large")
    try:
        return _FRAMES.validate_json(text)
    except (ValidationError, RecursionError) as error:
        raise FrameError(f"no frame of ours ({type(error).__name__})") from None


def call(number: int, request: Request) -> str:
    """Return the frame of a call. Raises `FrameError` for one that is too large."""
    made = {
        "type": "call", "id": number,
        "request": {
            "operation": request.operation, "inputs": dict(request.inputs), "body": request.body,
            "key": request.key, "source": request.source,
        },
    }  # fmt: skip
    text = json.dumps(made, ensure_ascii=False)
    if len(text) > MAX_FRAME:
        raise FrameError("the request is too large for an agent")
    return text
