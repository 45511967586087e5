"""The fixture of the policy tests."""

from psa_world import world as world
