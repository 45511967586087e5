"""The fixtures of the command line's tests."""

from cli_world import broken as broken
from cli_world import contract as contract
from cli_world import here as here
from cli_world import registry as registry
from cli_world import treaty as treaty
