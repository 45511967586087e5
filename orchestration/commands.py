"""`python -m orchestration flows lint | test | deploy`, behind `treaty flows`."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts.errors import TreatyError
from contracts.formats import yaml
from contracts.problem import Detail
from orchestration.definition import Flow
from orchestration.linting import lint
from orchestration.rehearsal import Case, crashes, expectations, play
from orchestration.runs import deploying
from orchestration.runs.program import build, content
from orchestration.shelf import Shelf, load, rehearsals
from orchestration.worker import now
from registry.db.engine import make_engine, transaction
from registry.db.migrate import require_current
from registry.settings import Settings

PASS, FAIL, UNREADABLE = 0, 1, 3


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands of flows."""
    flows = commands.add_parser("flows").add_subparsers(dest="act", required=True)
    for name in ("lint", "test", "schema", "deploy"):
        command = flows.add_parser(name)
        if name != "schema":
            command.add_argument("folder", type=Path, nargs="?")
        if name == "deploy":
            command.add_argument("--data-dir", type=Path, default=Settings().data_dir)


def run(options: argparse.Namespace) -> int:
    """Do what was asked and return the exit code: 1 for a flow that must not ship, 3 for unreadable."""
    if options.act == "schema":
        sys.stdout.write(json.dumps(Flow.model_json_schema(by_alias=True), indent=2) + "\n")
        return PASS
    try:
        shelf = load(options.folder)
    except TreatyError as error:
        _tell(error.problem.errors)
        if not error.problem.errors:
            sys.stderr.write(f"{error.problem.detail}\n")
        return FAIL
    wrong = lint(shelf)
    if wrong or options.act == "lint":
        _tell(tuple(wrong))
        told = f"{len(shelf.flows)} flow(s), {len(shelf.mappings)} mapping(s)"
        sys.stderr.write(f"{told}: {len(wrong) or 'no'} mistake(s)\n")
        return FAIL if wrong else PASS
    return _test(shelf, options.folder) if options.act == "test" else _deploy(shelf, options)


def _tell(details: tuple[Detail, ...]) -> None:
    for detail in details:
        sys.stdout.write(f"{detail.file}:{detail.line}:{detail.column}: {detail.detail}\n")


def _test(shelf: Shelf, folder: Path | None) -> int:
    failed = ran = 0
    for place, flow, case, expected in cases(shelf, folder):
        program = build(content(flow, shelf.documents(), shelf.owners(), shelf.matchings()))
        wrong = [*expectations(play(program, case), expected), *crashes(program, case)]
        ran, failed = ran + 1, failed + bool(wrong)
        sys.stdout.write(f"{'FAIL' if wrong else 'ok'}  {flow.flow}: {case.name}\n")
        for sentence in wrong:
            sys.stdout.write(f"      {place}: {sentence}\n")
    sys.stderr.write(f"{ran} case(s), each also with a crash at every record: {failed} failed\n")
    return FAIL if failed or not ran else PASS


def cases(shelf: Shelf, folder: Path | None) -> Iterator[tuple[str, Flow, Case, dict[str, Any]]]:
    """Yield the cases of `tests/` beside the flows. Raises `TreatyError` for an unreadable one."""
    root = rehearsals(folder)
    found = (
        [path for path in root.iterdir() if path.name.endswith(".yaml")] if root.is_dir() else []
    )
    for path in sorted(found, key=lambda path: path.name):
        for document in yaml.parse_all(path.read_bytes(), source=path.name):
            case = json.loads(json.dumps(document.root, default=str))
            flow = shelf.flows[case["flow"]][0]
            made = Case(
                case["name"], case["event"], case.get("answers", {}), case.get("signals", {})
            )
            yield path.name, flow, made, case["expect"]


def _deploy(shelf: Shelf, options: argparse.Namespace) -> int:
    engine = make_engine(Settings(data_dir=options.data_dir).database)
    try:
        require_current(engine)
        with transaction(engine, writes=True) as session:
            for flow, _ in shelf.flows.values():
                fresh = deploying.deploy(
                    session, flow, shelf.documents(), now(), shelf.owners(), shelf.matchings()
                )
                told = "live now" if fresh else "live already"
                sys.stdout.write(f"{flow.flow} {flow.version}: {told}\n")
    except TreatyError as error:
        sys.stderr.write(f"{error.problem.type.title}: {error.problem.detail}\n")
        return FAIL
    finally:
        engine.dispose()
    return PASS
