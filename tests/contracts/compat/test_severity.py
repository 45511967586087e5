"""The law of levels, the ledger of its exceptions, and the registry of checks."""

from itertools import product

import pytest

from contracts.compat.check import ANY, check, register
from contracts.compat.checks import CHECKS
from contracts.compat.documentation import render
from contracts.compat.mode import Mode
from contracts.compat.overlap import WINS
from contracts.compat.pairs import SchemaPair
from contracts.compat.severity import EXCEPTIONS, law, level
from contracts.report import Direction, Effect, Level

BY_ID = {entry.id: entry for entry in CHECKS}
ERROR, WARNING, INFO = Level.ERROR, Level.WARNING, Level.INFO


@pytest.mark.parametrize(
    ("effect", "request_", "response"),
    [
        (Effect.NARROWS, ERROR, INFO),
        (Effect.WIDENS, INFO, ERROR),
        (Effect.CHANGES, ERROR, ERROR),
        (Effect.UNKNOWN, WARNING, WARNING),
        (Effect.NONE, INFO, INFO),
    ],
)
def test_the_law(effect, request_, response):
    assert law(effect, Direction.REQUEST) is request_
    assert law(effect, Direction.RESPONSE) is response
    assert law(effect, Direction.NONE) is request_


@pytest.mark.parametrize(("effect", "direction"), list(product(Effect, Direction)))
def test_modes_look_both_ways(effect, direction):
    other = {Direction.REQUEST: Direction.RESPONSE}.get(direction, Direction.REQUEST)
    backward, forward, full = (
        level("no-exception", effect, direction, mode)
        for mode in (Mode.BACKWARD, Mode.FORWARD, Mode.FULL)
    )
    if direction is not Direction.NONE:
        assert forward is law(effect, other)
    assert ERROR not in (backward, forward) or full is ERROR
    assert level("no-exception", effect, direction, Mode.NONE) is INFO


def test_no_exception_is_stale():
    for name, excuse in EXCEPTIONS.items():
        entry = BY_ID[name]
        lawful = {law(entry.effect, direction) for direction in entry.directions}
        assert lawful != {excuse.level}, f"{name}: the law gives this level anyway"
        assert len(excuse.reason) > 20


def test_the_overlap_table_speaks_of_checks_that_exist():
    for winner, losers in WINS.items():
        assert {winner, *losers} <= BY_ID.keys()
        assert winner not in losers


def test_checks_explain_themselves():
    for entry in CHECKS:
        assert entry.why.endswith("."), entry.id
        assert entry.sentence.endswith("."), entry.id
        levels = {level(entry.id, entry.effect, d) for d in entry.directions}
        assert entry.fix or levels == {INFO}, f"{entry.id} shows no way out"
        assert not entry.fix or entry.fix.endswith(".")


def test_two_checks_cannot_share_an_id():
    with pytest.raises(ValueError, match="two checks are called 'server-added'"):
        register(CHECKS, [BY_ID["server-added"]])


@pytest.mark.parametrize("name", ["Upper", "under_score", "", "trailing-"])
def test_ids_are_kebab_case(name):
    with pytest.raises(ValueError, match="kebab-case"):
        check(name, Effect.NONE, SchemaPair, directions=ANY, why="w")


def test_a_check_needs_a_sentence():
    with pytest.raises(ValueError, match="no docstring"):
        check("silent", Effect.NONE, SchemaPair, directions=ANY, why="w")(lambda pair: ())


def test_the_documentation_names_every_check():
    page = render()
    assert [check.id for check in CHECKS if f"`{check.id}`" not in page] == []
