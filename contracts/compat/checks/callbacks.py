"""Checks on calls that the service makes: webhooks and callbacks, their bodies and parameters."""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.compat.check import REQUEST, RESPONSE, Hit, check
from contracts.compat.pairs import (
    IncomingPair,
    MediaTypePair,
    ParameterPair,
    RequestBodyPair,
    ResponsePair,
)
from contracts.report import Direction, Effect

_KEEP = "Go on sending it."


@check(
    "webhook-added",
    Effect.NONE,
    IncomingPair,
    directions=RESPONSE,
    why="Only who subscribes to it gets it.",
)
def webhook_added(pair: IncomingPair) -> Iterator[Hit]:
    """A webhook is new."""
    if pair.kind == "webhook" and pair.old is None:
        yield Hit("the webhook is new")


@check(
    "webhook-removed",
    Effect.CHANGES,
    IncomingPair,
    directions=RESPONSE,
    why="Consumers wait for calls that no longer come.",
    fix=_KEEP,
)
def webhook_removed(pair: IncomingPair) -> Iterator[Hit]:
    """A webhook is gone."""
    if pair.kind == "webhook" and pair.new is None:
        yield Hit("the webhook is gone")


@check(
    "callback-added",
    Effect.NONE,
    IncomingPair,
    directions=RESPONSE,
    why="It goes to the address that the consumer gave.",
)
def callback_added(pair: IncomingPair) -> Iterator[Hit]:
    """A callback is new."""
    if pair.kind == "callback" and pair.old is None:
        yield Hit("the callback is new")


@check(
    "callback-removed",
    Effect.CHANGES,
    IncomingPair,
    directions=RESPONSE,
    why="Consumers wait for calls that no longer come.",
    fix=_KEEP,
)
def callback_removed(pair: IncomingPair) -> Iterator[Hit]:
    """A callback is gone."""
    if pair.kind == "callback" and pair.new is None:
        yield Hit("the callback is gone")


@check(
    "callback-security-changed",
    Effect.CHANGES,
    IncomingPair,
    directions=RESPONSE,
    why="Consumers check the credentials of the service in a way that no longer fits.",
    fix="Go on presenting the old credentials beside the new ones.",
)
def callback_security_changed(pair: IncomingPair) -> Iterator[Hit]:
    """The service identifies itself in another way where it calls its consumer."""
    if pair.old and pair.new and pair.old.security.alternatives:
        before, after = pair.old.security, pair.new.security
        if set(before.alternatives) != set(after.alternatives):
            text = "the credentials that the service presents are others"
            yield Hit(text, before.node.pointer, after.node.pointer)


@check(
    "callback-body-added",
    Effect.NONE,
    RequestBodyPair,
    directions=RESPONSE,
    why="Consumers that expect no body do not read it.",
)
def callback_body_added(pair: RequestBodyPair) -> Iterator[Hit]:
    """The service now sends a body where it calls its consumer."""
    if pair.site.flipped and pair.old is None:
        yield Hit("a body is new")


@check(
    "callback-body-removed",
    Effect.CHANGES,
    RequestBodyPair,
    directions=RESPONSE,
    why="Consumers read a body that no longer comes.",
    fix=_KEEP,
)
def callback_body_removed(pair: RequestBodyPair) -> Iterator[Hit]:
    """The service no longer sends a body where it calls its consumer."""
    if pair.site.flipped and pair.new is None:
        yield Hit("the body is gone")


@check(
    "callback-media-type-added",
    Effect.WIDENS,
    MediaTypePair,
    directions=RESPONSE,
    why="Consumers do not choose, and cannot read the further media type.",
    fix="Send the new media type only to consumers that ask for it.",
)
def callback_media_type_added(pair: MediaTypePair) -> Iterator[Hit]:
    """The service may send a further media type where it calls its consumer."""
    if _sent(pair) and pair.old is None and pair.new:
        yield Hit(f"the body may now be `{pair.new.name}` too")


@check(
    "callback-media-type-removed",
    Effect.NARROWS,
    MediaTypePair,
    directions=RESPONSE,
    why="Consumers are prepared for more than comes.",
)
def callback_media_type_removed(pair: MediaTypePair) -> Iterator[Hit]:
    """The service no longer sends a media type where it calls its consumer."""
    if _sent(pair) and pair.new is None and pair.old:
        yield Hit(f"the body is no longer sent as `{pair.old.name}`")


@check(
    "callback-parameter-added",
    Effect.NONE,
    ParameterPair,
    directions=RESPONSE,
    why="Consumers ignore what they do not know.",
)
def callback_parameter_added(pair: ParameterPair) -> Iterator[Hit]:
    """The service sends a further parameter where it calls its consumer."""
    if pair.site.flipped and pair.old is None and pair.new:
        yield Hit(f"parameter `{pair.new.name}` ({pair.new.location}) is new")


@check(
    "callback-parameter-removed",
    Effect.WIDENS,
    ParameterPair,
    directions=RESPONSE,
    why="Consumers rely on a parameter that was always sent.",
    fix=_KEEP,
)
def callback_parameter_removed(pair: ParameterPair) -> Iterator[Hit]:
    """The service no longer sends a required parameter where it calls its consumer."""
    if pair.site.flipped and pair.new is None and pair.old and pair.old.required:
        yield Hit(f"the required parameter `{pair.old.name}` ({pair.old.location}) is gone")


@check(
    "optional-callback-parameter-removed",
    Effect.NARROWS,
    ParameterPair,
    directions=RESPONSE,
    why="Consumers that read it when it is there lose it.",
    fix=_KEEP,
)
def optional_callback_parameter_removed(pair: ParameterPair) -> Iterator[Hit]:
    """The service no longer sends an optional parameter where it calls its consumer."""
    if pair.site.flipped and pair.new is None and pair.old and not pair.old.required:
        yield Hit(f"the optional parameter `{pair.old.name}` ({pair.old.location}) is gone")


@check(
    "callback-answer-body-added",
    Effect.NARROWS,
    ResponsePair,
    directions=REQUEST,
    why="Consumers answer without a body, and the service now expects one.",
    fix="Go on accepting answers without a body.",
)
def callback_answer_body_added(pair: ResponsePair) -> Iterator[Hit]:
    """The service now expects a body in the answer of its consumer."""
    if pair.site.flipped and pair.old and pair.new and pair.new.content and not pair.old.content:
        at = jp.join(pair.site.old, "content"), jp.join(pair.site.new, "content")
        yield Hit("a body is now expected", *at)


def _sent(pair: MediaTypePair) -> bool:
    return pair.site.flipped and pair.direction is Direction.RESPONSE


CHECKS = (
    webhook_added,
    webhook_removed,
    callback_added,
    callback_removed,
    callback_security_changed,
    callback_body_added,
    callback_body_removed,
    callback_media_type_added,
    callback_media_type_removed,
    callback_parameter_added,
    callback_parameter_removed,
    optional_callback_parameter_removed,
    callback_answer_body_added,
)
