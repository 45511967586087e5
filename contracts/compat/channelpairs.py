"""What the checks on event-driven contracts look at; part of `contracts.compat.pairs`."""

from dataclasses import dataclass

from contracts.compat.site import Site
from contracts.model import Channel, Flow, Message, Node
from contracts.report import Direction


@dataclass(frozen=True, slots=True)
class ChannelPair:
    """A channel, by its address or else by its name."""

    site: Site
    old: Channel | None
    new: Channel | None


@dataclass(frozen=True, slots=True)
class FlowPair:
    """What the described application sends, or receives, on a channel of both versions."""

    site: Site
    action: str
    old: Flow | None
    new: Flow | None

    @property
    def direction(self) -> Direction:
        return Direction.REQUEST if self.action == "receive" else Direction.RESPONSE


@dataclass(frozen=True, slots=True)
class MessagePair:
    """A message by its name, or as the only one; `direction` says who writes it."""

    site: Site
    direction: Direction
    old: Message | None
    new: Message | None


@dataclass(frozen=True, slots=True)
class BindingsPair:
    """What a channel, an operation or a message says about one protocol."""

    site: Site
    subject: str
    old: Node | None
    new: Node | None
