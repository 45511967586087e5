"""`python -m orchestration agent`: settings to an agent, until a signal comes."""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from contracts.errors import TreatyError
from orchestration import tracing
from orchestration.agent.running import AgentProcess, AgentSettings
from orchestration.agent.settings import read_agent
from orchestration.shelf import Shelf
from orchestration.systems.caller import System


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command of the agent."""
    agent = commands.add_parser("agent")
    agent.add_argument("--hub", action="append", required=True)
    agent.add_argument("--systems", type=Path, required=True)
    agent.add_argument("--token-file", type=Path, required=True)
    agent.add_argument("--contracts", type=Path)
    agent.add_argument("--places", type=int, default=8)
    agent.add_argument("--ca", type=Path)
    agent.add_argument("--certificate", type=Path)
    agent.add_argument("--certificate-key", type=Path)
    agent.add_argument("--log-level", default="warning")


def run(options: argparse.Namespace) -> int:
    """Run the agent; 3 for settings that cannot be read, 1 where the hubs sent it away for good."""
    tracing.log_to_stderr(options.log_level.upper())
    try:
        agent = _made(options)
    except TreatyError as error:
        sys.stderr.write(f"{error.problem.type.title}: {error.problem.detail}\n")
        return 3
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 3

    def stop(_number: int, _frame: FrameType | None) -> None:
        agent.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    agent.run()
    return 1 if agent.refused else 0


def _made(options: argparse.Namespace) -> AgentProcess:
    settings = AgentSettings(
        tuple(options.hub), options.token_file.read_text(encoding="utf-8").strip(), options.places,
        options.ca, options.certificate, options.certificate_key,
    )  # fmt: skip
    file, shelf = read_agent(options.systems), Shelf(folder=options.contracts)
    systems = {
        name: System(name, shelf.contract(each.contract, each.version), each.plain())
        for name, each in file.systems.items()
    }
    return AgentProcess(settings, systems, {n: each.wanted() for n, each in file.systems.items()})
