"""Bytes in, bytes out: every case on a raw socket through a real gateway, with its RFC section."""

from pathlib import Path

import pytest
import yaml
from wire_case import Case, outcome
from wire_client import Client
from wire_world import wire as wire

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


def cases_of(path):
    file = yaml.load(path.read_text(encoding="utf-8"), yaml.SafeLoader)  # our own data
    return [
        pytest.param(Case(file, entry), id=f"{path.stem}: {entry['name']}")
        for entry in file["cases"]
    ]


CASES = [case for path in FILES for case in cases_of(path)]


async def judged(case, wire):
    await wire.upstream.stage(case.answers)
    async with Client(case.methods, case.templates) as client:
        await client.connect(wire.port)
        await client.play(case.steps)
        return await outcome(case, client, wire.upstream)


@pytest.mark.parametrize("case", CASES)
def test_case(case, wire):
    wire.faults.clear()
    wrong = wire.runner.run(judged(case, wire))
    assert not wrong, f"RFC {case.rfc}: {'; '.join(wrong)}"
    assert wire.faults == []


def test_names_are_distinct():
    names = [entry.id for entry in CASES]
    assert len(names) == len(set(names)) >= 200
