"""Compatibility modes: who must get along with whom when a version follows another."""

from enum import StrEnum


class Mode(StrEnum):
    """What a contract promises about its next version.

    BACKWARD: what worked with the old version works with the new one. FORWARD: what is written for
    the new version works with the old one. FULL: both. NONE: no promise.
    """

    NONE = "none"
    BACKWARD = "backward"
    FORWARD = "forward"
    FULL = "full"
