"""Checks on event-driven contracts: channels, operations, messages and protocol bindings."""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.compat.channelpairs import BindingsPair, ChannelPair, FlowPair, MessagePair
from contracts.compat.check import REQUEST, RESPONSE, Hit, check
from contracts.compat.matching import essence, shape
from contracts.merging import literal
from contracts.report import Direction, Effect

_BOTH = (*REQUEST, *RESPONSE)
_STAY = "Keep it until nobody uses it."


@check(
    "channel-added",
    Effect.NONE,
    ChannelPair,
    directions=REQUEST,
    why="Nobody depends on it yet.",
)
def channel_added(pair: ChannelPair) -> Iterator[Hit]:
    """A channel is new."""
    if pair.old is None:
        yield Hit("the channel is new")


@check(
    "channel-removed",
    Effect.CHANGES,
    ChannelPair,
    directions=REQUEST,
    why="What is sent there is read by nobody, and who listens there hears nothing.",
    fix=_STAY,
)
def channel_removed(pair: ChannelPair) -> Iterator[Hit]:
    """A channel is gone."""
    if pair.new is None:
        yield Hit("the channel is gone")


@check(
    "channel-address-changed",
    Effect.CHANGES,
    ChannelPair,
    directions=REQUEST,
    why="The other side sends and listens at the old address.",
    fix="Serve both addresses until the other side has moved.",
)
def channel_address_changed(pair: ChannelPair) -> Iterator[Hit]:
    """A channel has another address."""
    if pair.old and pair.new and shape(pair.old.address) != shape(pair.new.address):
        text = f"the address changed from `{pair.old.address}` to `{pair.new.address}`"
        yield Hit(text, jp.join(pair.site.old, "address"), jp.join(pair.site.new, "address"))


@check(
    "channel-operation-added",
    Effect.NONE,
    FlowPair,
    directions=_BOTH,
    why="Nobody depends on it yet.",
)
def channel_operation_added(pair: FlowPair) -> Iterator[Hit]:
    """The application now sends, or receives, on a channel that it used otherwise."""
    if pair.old is None:
        yield Hit(f"the application now can {pair.action} here")


@check(
    "channel-operation-removed",
    Effect.CHANGES,
    FlowPair,
    directions=_BOTH,
    why="What is sent there is read by nobody, or who listens there hears nothing.",
    fix=_STAY,
)
def channel_operation_removed(pair: FlowPair) -> Iterator[Hit]:
    """The application no longer sends, or receives, on a channel."""
    if pair.new is None:
        yield Hit(f"the application no longer can {pair.action} here")


@check(
    "channel-operation-renamed",
    Effect.NONE,
    FlowPair,
    directions=_BOTH,
    why="The wire is the same, but generated code names its functions after it.",
)
def channel_operation_renamed(pair: FlowPair) -> Iterator[Hit]:
    """The operation on a channel has another name."""
    if pair.old and pair.new and pair.old.name != pair.new.name:
        yield Hit(f"the operation `{pair.old.name}` is now called `{pair.new.name}`")


@check(
    "channel-operation-deprecated",
    Effect.NONE,
    FlowPair,
    directions=_BOTH,
    why="The other side should plan to leave.",
)
def channel_operation_deprecated(pair: FlowPair) -> Iterator[Hit]:
    """The operation on a channel is now deprecated."""
    if pair.old and pair.new and pair.new.deprecated and not pair.old.deprecated:
        yield Hit("the operation is now deprecated")


@check(
    "message-added",
    Effect.WIDENS,
    MessagePair,
    directions=_BOTH,
    why="Who listens does not know the further message.",
    fix="Send it on a channel of its own.",
)
def message_added(pair: MessagePair) -> Iterator[Hit]:
    """A further message may travel on a channel."""
    if pair.old is None:
        yield Hit("the message is new")


@check(
    "message-removed",
    Effect.CHANGES,
    MessagePair,
    directions=_BOTH,
    why="Who sends it is no longer understood, and who waits for it waits in vain.",
    fix=_STAY,
)
def message_removed(pair: MessagePair) -> Iterator[Hit]:
    """A message no longer travels on a channel."""
    if pair.new is None:
        yield Hit("the message is gone")


@check(
    "message-content-type-changed",
    Effect.CHANGES,
    MessagePair,
    directions=_BOTH,
    why="The other side writes or reads the old format.",
    fix="Keep the format, or send the new one as a further message.",
)
def message_content_type_changed(pair: MessagePair) -> Iterator[Hit]:
    """A message is written in another media type."""
    if pair.old and pair.new and pair.old.content_type and pair.new.content_type:
        old, new = essence(pair.old.content_type), essence(pair.new.content_type)
        if old != new:
            yield _hit(pair, "contentType", f"the content type changed from `{old}` to `{new}`")


@check(
    "message-correlation-changed",
    Effect.CHANGES,
    MessagePair,
    directions=_BOTH,
    why="The other side looks for the correlation id where it was.",
    fix="Write the id in both places until the other side has moved.",
)
def message_correlation_changed(pair: MessagePair) -> Iterator[Hit]:
    """The correlation id of a message is written elsewhere, or no longer."""
    if pair.old and pair.new and pair.old.correlation:
        old, new = pair.old.correlation, pair.new.correlation or "nowhere"
        if old != new:
            text = f"the correlation id moved from `{old}` to `{new}`"
            yield _hit(pair, "correlationId", text)


@check(
    "message-correlation-added",
    Effect.NONE,
    MessagePair,
    directions=_BOTH,
    why="Who does not know it ignores it.",
)
def message_correlation_added(pair: MessagePair) -> Iterator[Hit]:
    """A message now has a correlation id."""
    if pair.old and pair.new and pair.new.correlation and not pair.old.correlation:
        yield _hit(pair, "correlationId", f"a correlation id is at `{pair.new.correlation}`")


@check(
    "bindings-changed",
    Effect.UNKNOWN,
    BindingsPair,
    directions=(Direction.NONE,),
    why="What a binding means is decided by its protocol.",
    fix="Review the change with the people who run the broker.",
)
def bindings_changed(pair: BindingsPair) -> Iterator[Hit]:
    """What a contract says about one protocol is something else."""
    old, new = (literal(side.value) if side else None for side in (pair.old, pair.new))
    if old != new:
        yield Hit(f"{pair.subject} has other bindings; what that does is undecided")


def _hit(pair: MessagePair, keyword: str, text: str) -> Hit:
    return Hit(text, jp.join(pair.site.old, keyword), jp.join(pair.site.new, keyword))


CHECKS = (
    channel_added,
    channel_removed,
    channel_address_changed,
    channel_operation_added,
    channel_operation_removed,
    channel_operation_renamed,
    channel_operation_deprecated,
    message_added,
    message_removed,
    message_content_type_changed,
    message_correlation_changed,
    message_correlation_added,
    bindings_changed,
)
