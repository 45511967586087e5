"""Compatibility modes, policies and profiles: whose promise is judged, and by which reading."""

from enum import StrEnum


class Mode(StrEnum):
    """What a contract promises about its next version.

    BACKWARD: what worked with the old version works with the new one. FORWARD: what is written for
    the new version works with the old one. FULL: both. NONE: no promise. The transitive forms
    promise it towards every earlier version, not only the last one.
    """

    NONE = "none"
    BACKWARD = "backward"
    FORWARD = "forward"
    FULL = "full"
    BACKWARD_TRANSITIVE = "backward_transitive"
    FORWARD_TRANSITIVE = "forward_transitive"
    FULL_TRANSITIVE = "full_transitive"

    @property
    def transitive(self) -> bool:
        """Whether the promise is made towards all earlier versions."""
        return self.value.endswith("_transitive")

    @property
    def pairwise(self) -> "Mode":
        """The promise between two versions."""
        return Mode(self.value.removesuffix("_transitive"))


class Policy(StrEnum):
    """How an open content model is read.

    STRICT reads it to the letter: a member that one side does not declare may hold any value.
    LENIENT takes a member that only the other side declares as not sent.
    """

    STRICT = "strict"
    LENIENT = "lenient"


class Profile(StrEnum):
    """Whose rules decide about a JSON Schema: our own containment, or those of another registry."""

    CONTAINMENT = "containment"
    CONFLUENT = "confluent"
    APICURIO = "apicurio"
