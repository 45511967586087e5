"""Filters of `given` in their JavaScript subset, compiled to closures; nothing is evaluated.

Known: `@`, `@property`, `@parentProperty`, `@parent`, `@root`, members, comparisons, `&&`, `||`,
`!`, `typeof`, lists, and the methods in `methods.py`. Called by `syntax.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from contracts.document import Json
from contracts.lint import regex, values
from contracts.lint.function import MISSING, UnsupportedError
from contracts.lint.path import methods, operators
from contracts.lint.path.tokens import Token, tokens

MAX_DEPTH = 50


class Scope(NamedTuple):
    """What a filter sees of one member: its key and value, its parent, and the parent's key."""

    key: str | int
    value: Json
    parent: Json
    parent_key: str | int | None
    root: Json


Value = Callable[[Scope], Json]


@dataclass(frozen=True, slots=True)
class Test:
    """A compiled filter. `needs`: true only for mappings with that member (a quick way out)."""

    holds: Callable[[Scope], bool]
    needs: str | None = None
    looks_up: bool = False  # whether it asks for the parent's key


class Part(NamedTuple):
    """A compiled piece; `needs` as in `Test`; `fixed` when it is the same everywhere."""

    value: Value
    needs: str | None = None
    fixed: bool = False
    bare: bool = False  # the value itself, `@`


def compiled(source: str) -> Test:
    """Return the test of a filter, with or without its outer parentheses. Raises `UnsupportedError`."""
    parser = _Parser(source)
    part = parser.whole()
    value = part.value

    def holds(scope: Scope) -> bool:
        return values.truthy(value(scope))

    return Test(holds, part.needs, parser.looks_up)


class _Parser:
    """Recursive descent over the precedence of JavaScript's operators."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokens(source)
        self.at = 0
        self.depth = 0
        self.looks_up = False

    def whole(self) -> Part:
        part = self.either()
        if self.tokens[self.at].kind != "end":
            raise self.unknown()
        return part

    def either(self) -> Part:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnsupportedError(f"a filter nested deeper than {MAX_DEPTH} levels")
        part = self.both()
        while self.take("||"):
            part = _or(part, self.both())
        self.depth -= 1
        return part

    def both(self) -> Part:
        part = self.comparison()
        while self.take("&&"):
            part = _and(part, self.comparison())
        return part

    def comparison(self) -> Part:
        part = self.unary()
        while (word := self.tokens[self.at].text) in operators.OPERATORS and self.is_operator():
            self.at += 1
            part = _compared(word, part, self.unary())
        return part

    def unary(self) -> Part:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnsupportedError(f"a filter nested deeper than {MAX_DEPTH} levels")
        part = self.signed()
        self.depth -= 1
        return part

    def signed(self) -> Part:
        negations = 0
        while self.take("!"):
            negations += 1
        token = self.tokens[self.at]
        if token.kind == "name" and token.text in ("typeof", "void"):
            self.at += 1
            inner = self.unary()
            part = Part(lambda _: MISSING, fixed=True) if token.text == "void" else _typeof(inner)
        elif self.take("-"):
            inner = self.unary()
            part = Part(lambda scope: -values.number(inner.value(scope)))
        elif self.take("+"):
            inner = self.unary()
            part = Part(lambda scope: values.number(inner.value(scope)))
        else:
            part = self.postfix(self.operand())
        if not negations:
            return part
        odd = negations % 2 == 1
        return Part(
            lambda scope: values.truthy(part.value(scope)) is not odd,
            None if odd else part.needs,
        )

    def operand(self) -> Part:
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "number":
            number = float(token.text)
            whole = int(number) if number.is_integer() else number
            return Part(lambda _: whole, fixed=True)
        if token.kind == "text":
            return Part(lambda _: token.text, fixed=True)
        if token.kind == "pattern":
            return self.pattern(token)
        if token.kind == "name":
            return self.named(token.text)
        if token.text == "(":
            part = self.either()
            self.expect(")")
            return part
        if token.text == "[":
            return self.listed()
        raise self.unknown()

    def named(self, name: str) -> Part:
        if name in _CONSTANTS:
            constant = _CONSTANTS[name]
            return Part(lambda _: constant, fixed=True)
        if name == "@parentProperty":
            self.looks_up = True
        if name in methods.GLOBALS:
            return self.globally(name)
        if name not in _SCOPES:
            raise UnsupportedError(f"'{name[:100]}' in the filter '{self.source[:200]}'")
        return Part(_SCOPES[name], bare=name == "@")

    def globally(self, name: str) -> Part:
        """Return the call of a function that stands alone, such as `Array.isArray(@)`."""
        while self.take("."):
            name += f".{self.tokens[self.at].text}"
            self.at += 1
        if name not in methods.CALLS:
            raise UnsupportedError(f"'{name[:100]}' in the filter '{self.source[:200]}'")
        call, (argument,) = methods.CALLS[name], self.arguments(1)
        return Part(lambda scope: call(argument.value(scope)))

    def pattern(self, token: Token) -> Part:
        matcher = regex.tested(token.text, token.flags)
        if not (self.take(".") and self.tokens[self.at].text == "test"):
            raise self.unknown()
        self.at += 1
        (argument,) = self.arguments(1)

        def tested(scope: Scope) -> bool:
            return matcher(values.shown_whole(argument.value(scope)))

        return Part(tested, argument.needs)

    def postfix(self, part: Part) -> Part:
        while True:
            if self.take(".") or self.take(
                "?."
            ):  # a member of nothing is undefined, never an error
                token = self.tokens[self.at]
                if token.kind != "name" or token.text.startswith("@"):
                    raise self.unknown()
                self.at += 1
                part = self.called(part, token.text) or _member(part, token.text)
            elif self.take("["):
                key = self.either()
                self.expect("]")
                part = _indexed(part, key)
            else:
                return part

    def called(self, part: Part, name: str) -> Part | None:
        if self.tokens[self.at].text != "(" or not self.is_operator():
            return None
        method = methods.METHODS.get(name)
        if method is None:
            raise UnsupportedError(f"the method '{name[:100]}' in '{self.source[:200]}'")
        following = self.tokens[self.at + 1]
        if name == "match" and following.kind in ("pattern", "text"):
            return self.matched(part, following)
        arguments = self.arguments(None)
        # A method of a fixed list looks for the argument: then the argument's needs count.
        needs = part.needs or (arguments[0].needs if part.fixed and arguments else None)
        return Part(
            lambda scope: method(part.value(scope), [each.value(scope) for each in arguments]),
            needs,
        )

    def matched(self, part: Part, pattern: Token) -> Part:
        """Return the call of `match`: null without a match; groups are not captured."""
        matcher = regex.tested(pattern.text, pattern.flags)
        self.at += 2
        self.expect(")")
        if self.is_operator() and self.tokens[self.at].text in (".", "?.", "["):
            raise UnsupportedError(f"what 'match' captures in '{self.source[:200]}'")
        return Part(lambda scope: methods.matched(part.value(scope), matcher), part.needs)

    def arguments(self, count: int | None) -> list[Part]:
        self.expect("(")
        found: list[Part] = []
        while not self.take(")"):
            if found:
                self.expect(",")
            found.append(self.either())
        if count is not None and len(found) != count:
            raise self.unknown()
        return found

    def listed(self) -> Part:
        items: list[Part] = []
        while not self.take("]"):
            if items:
                self.expect(",")
            items.append(self.either())
        return Part(
            lambda scope: [item.value(scope) for item in items],
            fixed=all(item.fixed for item in items),
        )

    def is_operator(self) -> bool:
        return self.tokens[self.at].kind == "operator"

    def take(self, text: str) -> bool:
        if self.is_operator() and self.tokens[self.at].text == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.unknown()

    def unknown(self) -> UnsupportedError:
        return UnsupportedError(f"the filter '{self.source[:200]}'")


_CONSTANTS: dict[str, Json] = {"true": True, "false": False, "null": None, "undefined": MISSING}
_SCOPES: dict[str, Value] = {
    "@": lambda scope: scope.value,
    "@property": lambda scope: scope.key,
    "@parentProperty": lambda scope: MISSING if scope.parent_key is None else scope.parent_key,
    "@parent": lambda scope: scope.parent,
    "@root": lambda scope: scope.root,
}


def _or(left: Part, right: Part) -> Part:
    def value(scope: Scope) -> Json:
        found = left.value(scope)
        return found if values.truthy(found) else right.value(scope)

    return Part(value, left.needs if left.needs == right.needs else None)


def _and(left: Part, right: Part) -> Part:
    def value(scope: Scope) -> Json:
        found = left.value(scope)
        return right.value(scope) if values.truthy(found) else found

    return Part(value, left.needs or right.needs)


def _compared(word: str, left: Part, right: Part) -> Part:
    compare = operators.OPERATORS[word]

    def value(scope: Scope) -> Json:
        return compare(left.value(scope), right.value(scope))

    # Equality with something that is there needs the member; other comparisons may accept undefined.
    demanding = word in ("===", "==", "<", ">", "<=", ">=")
    given = right.fixed and not isinstance(right.value(_NOWHERE), type(MISSING) | type(None))
    return Part(value, left.needs if demanding and given else None)


_NOWHERE = Scope("", MISSING, MISSING, None, MISSING)


# A text and a list have these too; any other member is a mapping's.
_ANYBODYS = frozenset(["length", "constructor"])


def _typeof(inner: Part) -> Part:
    return Part(lambda scope: operators.type_of(inner.value(scope)))


def _member(part: Part, name: str) -> Part:
    needs = name if part.bare and name not in _ANYBODYS else part.needs
    return Part(lambda scope: operators.member(part.value(scope), name), needs)


def _indexed(part: Part, key: Part) -> Part:
    def value(scope: Scope) -> Json:
        return operators.member(part.value(scope), key.value(scope))

    fixed = key.value(_NOWHERE) if key.fixed else None
    bare = part.bare and isinstance(fixed, str) and fixed not in _ANYBODYS and not fixed.isdecimal()
    return Part(value, str(fixed) if bare else part.needs)
