"""The fixture of the gateway tests."""

from gateway_world import run as run
