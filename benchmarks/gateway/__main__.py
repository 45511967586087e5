"""`python -m benchmarks.gateway`: every section in turn, as tables and as JSON in benchmarks/out."""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path

from benchmarks.gateway import lab as laboratory
from benchmarks.gateway import programs, scenarios
from benchmarks.gateway.report import Section, as_json, render
from benchmarks.gateway.scenarios import Effort

_OUT = Path(__file__).parents[1] / "out"
_BUDGET_SECONDS = 210.0


def main() -> int:
    """Measure and print; return 1 where Treaty does not enforce what it claims."""
    arguments = _parse()
    effort = Effort(seconds=1.0, rounds=1, cold_tokens=500) if arguments.quick else Effort()
    found = programs.find(fetch=not arguments.offline)
    peers, absent = laboratory.peers_of(found)
    sections = []
    if absent:
        sections.append(Section("Not at hand", "", notes=absent))
        print(render(sections[0]))
    load = os.getloadavg()[0]
    print(f"gateway, {os.cpu_count()} cores, load of the machine before: {load:.1f}")
    ends = time.monotonic() + _BUDGET_SECONDS
    with (
        tempfile.TemporaryDirectory(prefix="treaty-bench-") as folder,
        laboratory.opened(found, Path(folder)) as lab,
    ):
        steps: tuple[Callable[[], Iterator[Section]], ...] = (
            lambda: scenarios.policies(lab, peers, effort),
            lambda: scenarios.routes(lab, effort),
            lambda: scenarios.workers(lab, peers, effort),
            lambda: scenarios.redis(lab, effort),
        )
        try:
            for section in _until(ends, steps):
                sections.append(section)
                print("\n" + render(section), flush=True)
        except laboratory.BrokenClaimError as error:
            print(f"Treaty does not do what it claims: {error}", file=sys.stderr)
            return 1
        except (RuntimeError, OSError, HTTPException) as error:
            print(f"Treaty cannot be measured: {error}", file=sys.stderr)
            return 1
        finally:
            _save(sections, load)
    return 0


def _until(ends: float, steps: tuple[Callable[[], Iterator[Section]], ...]) -> Iterator[Section]:
    for step in steps:
        for section in step():
            yield section
            if time.monotonic() > ends:
                yield Section("Out of time", "", notes=["the sections below were left out"])
                return


def _save(sections: list[Section], load: float) -> None:
    _OUT.mkdir(exist_ok=True)
    facts = {"python": platform.python_version(), "cores": os.cpu_count(), "load_before": load}
    text = json.dumps(as_json(sections, facts), indent=2)
    (_OUT / "gateway.json").write_text(text + "\n")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short run of everything")
    parser.add_argument(
        "--offline", action="store_true", help="use the peers at hand, ask no package registry"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
