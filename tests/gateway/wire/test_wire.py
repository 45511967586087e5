"""Bytes in, bytes out: every case on a raw socket through a real gateway, with its RFC section."""

from pathlib import Path

import pytest
import yaml
from wire_bytes import cuts, whole
from wire_case import Case, outcome
from wire_client import Client
from wire_world import hurried as hurried
from wire_world import wire as wire

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


def cases_of(path):
    file = yaml.load(path.read_text(encoding="utf-8"), yaml.SafeLoader)  # our own data
    return [
        pytest.param(Case(file, entry), id=f"{path.stem}: {entry['name']}")
        for entry in file["cases"]
    ]


CASES = [case for path in FILES for case in cases_of(path)]


# Where bytes happen to be cut must not matter; pauses and huge bodies prove nothing more in pieces.
SHORT = [case for case in CASES if case.values[0].in_pieces]


async def judged(case, world, cuts):
    await world.upstream.stage(case.answers, cuts)
    async with Client(case.methods, case.templates, cuts) as client:
        await client.connect(world.port)
        await client.play(case.steps)
        return await outcome(case, client, world.upstream)


def check(case, world, cuts):
    world.faults.clear()
    wrong = world.runner.run(judged(case, world, cuts))
    assert not wrong, f"RFC {case.rfc}: {'; '.join(wrong)}"
    assert world.faults == []


@pytest.mark.parametrize("case", CASES)
def test_case(case, request):
    check(case, request.getfixturevalue(case.gateway), whole)


@pytest.mark.parametrize("case", SHORT)
def test_in_pieces(case, wire):
    check(case, wire, cuts(case.name))


def test_names_are_distinct():
    names = [entry.id for entry in CASES]
    assert len(names) == len(set(names)) >= 200
