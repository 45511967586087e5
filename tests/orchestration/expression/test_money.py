"""Exact money and repeatable expressions: laws, and what is refused."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.expression import Expression, ExpressionError, Frozen

AMOUNTS = st.decimals(-(10**12), 10**12, places=2).map(lambda value: f"{value:f}")
FACTORS = st.decimals(-(10**6), 10**6, places=4).map(lambda value: f"{value:f}")


def evaluate(text, **names):
    return Expression(text).evaluate(names)


@given(AMOUNTS, AMOUNTS, FACTORS)
def test_arithmetic_is_that_of_decimals(a, b, c):
    one, two, three = Decimal(a), Decimal(b), Decimal(c)
    assert Decimal(evaluate("$dec_add(a, b)", a=a, b=b)) == one + two
    assert Decimal(evaluate("$dec_sub(a, b)", a=a, b=b)) == one - two
    assert Decimal(evaluate("$dec_mul(a, c)", a=a, c=c)) == one * three
    assert evaluate("$dec_cmp(a, b)", a=a, b=b) == (one > two) - (one < two)
    assert Decimal(evaluate("$dec_max(a, b)", a=a, b=b)) == max(one, two)
    assert Decimal(evaluate("$dec_min(a, b)", a=a, b=b)) == min(one, two)


@given(st.lists(AMOUNTS, max_size=20))
def test_a_sum_does_not_depend_on_the_order(amounts):
    total = Decimal(evaluate("$dec_sum(a)", a=amounts))
    assert total == sum(map(Decimal, amounts), Decimal(0))
    assert Decimal(evaluate("$dec_sum(a)", a=amounts[::-1])) == total


@given(AMOUNTS)
def test_no_amount_has_an_exponent_or_a_negative_zero(a):
    for text in ("$dec_sub(a, a)", "$dec_mul(a, '0')", "$dec_round(a, 0)", "$dec_div(a, '3', 2)"):
        said = evaluate(text, a=a)
        assert "E" not in said
        assert not (said.startswith("-") and Decimal(said) == 0)


@pytest.mark.parametrize(
    ("text", "names", "said"),
    [
        ("$dec_add(a, '1')", {"a": 0.1}, "an amount is a float"),
        ("$dec_add(a, '1')", {"a": "1e3"}, "an amount is not a decimal string"),
        ("$dec_add(a, '1')", {"a": True}, "an amount is not a decimal string"),
        ("$dec_add(a, '1')", {"a": "9" * 30}, "an amount is not a decimal string"),
        ("$dec_round('1', a)", {"a": 1.5}, "decimal places are"),
        ("$eval('1')", {}, "eval is not allowed"),
        ("($f := function($n) { $f($n + 1) }; $f(0))", {}, "it takes too long"),
        ("$error('acme ' & a)", {"a": "secret"}, "it failed"),
    ],
)
def test_what_is_refused_says_why_without_values(text, names, said):
    with pytest.raises(ExpressionError, match=said) as refused:
        evaluate(text, **names)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "  ", "a +", "x" * 20_001])
def test_what_does_not_compile(text):
    with pytest.raises(ExpressionError):
        Expression(text)


def test_time_and_chance_belong_to_the_run():
    text = Expression("[$now(), $millis(), $random()]")
    one, other = (Frozen(datetime(2026, 3, day, tzinfo=UTC), f"run {day}") for day in (1, 2))
    assert text.evaluate({}, one) == text.evaluate({}, one)
    assert text.evaluate({}, one)[0] == "2026-03-01T00:00:00.000Z"
    assert text.evaluate({}, one) != text.evaluate({}, other)
    assert 0 <= text.evaluate({}, one)[2] < 1
