"""Values from schemas: deterministic by the random source that is handed in, bounded in depth.

What a schema asks for beyond the common keywords (`not`, `if`, `contains`, ...) is not solved;
the caller validates the value and tries again with other choices.
"""

from random import Random
from typing import Any

from contracts import pointer as jp
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.model import Node
from contracts.refs import Resolver
from orchestration.mock.texts import text_for

_MAX_DEPTH = 12
_OPTIONAL_DEPTH = 3
_MAX_ITEMS = 2
_MOST_ITEMS = 100


class Generator:
    """Makes values for schemas of one contract."""

    def __init__(self, resolver: Resolver, random: Random, *, bare: bool = False) -> None:
        # `bare` leaves optional members out: the way that fits most schemas.
        self._resolver, self._random, self._bare = resolver, random, bare

    def value(self, node: Node | None, depth: int = 0) -> Json:
        """Return a value for the schema at a node; null where nothing better is known."""
        if node is None:
            return None
        try:
            found = self._resolver.resolve(node)
        except TreatyError:
            return None
        schema = found.value
        if not isinstance(schema, dict) or depth > _MAX_DEPTH:
            return None
        for keyword in ("const", "default"):
            if keyword in schema and (keyword == "const" or not self._bare):
                return schema[keyword]
        choices = schema.get("enum")
        if isinstance(choices, list) and choices:
            return self._random.choice(choices)
        merged = self._merged(found, schema, depth)
        return self._typed(merged, depth)

    def _merged(self, node: Node, schema: dict[str, Json], depth: int) -> "_Merged":
        """Return the schema with `allOf` folded in and one branch of `oneOf`/`anyOf` chosen."""
        merged = _Merged()
        merged.take(node, schema)
        todo = [(node, schema, 0)]
        while todo:
            at, value, level = todo.pop()
            branches = [(k, i) for k in ("allOf",) for i in range(_length(value.get(k)))]
            for keyword in ("oneOf", "anyOf"):
                count = _length(value.get(keyword))
                if count:
                    deep = depth > _OPTIONAL_DEPTH
                    branches.append(
                        (keyword, 0 if deep or self._bare else self._random.randrange(count))
                    )
            for keyword, index in branches:
                branch = self._follow(at, keyword, index)
                if branch is not None and isinstance(branch.value, dict) and level < _MAX_DEPTH:
                    merged.take(branch, branch.value)
                    todo.append((branch, branch.value, level + 1))
        return merged

    def _follow(self, node: Node, keyword: str, index: int) -> Node | None:
        branches = node.value.get(keyword) if isinstance(node.value, dict) else None
        if not isinstance(branches, list):
            return None
        try:
            return self._resolver.resolve(
                Node(jp.join(node.pointer, keyword, index), branches[index])
            )
        except TreatyError:
            return None

    def _typed(self, merged: "_Merged", depth: int) -> Json:
        kind = merged.kind()
        if kind == "object":
            return self._object(merged, depth)
        if kind == "array":
            return self._array(merged, depth)
        if kind == "boolean":
            return self._random.random() < 0.5  # noqa: PLR2004  # a fair coin
        if kind in ("integer", "number"):
            return self._number(merged.rules, whole=kind == "integer")
        if kind == "string":
            return text_for(merged.rules, self._random)
        return None

    def _object(self, merged: "_Merged", depth: int) -> Json:
        shown: dict[str, Json] = {}
        for name, node in merged.properties.items():
            required = name in merged.required
            if not required and (self._bare or depth >= _OPTIONAL_DEPTH):
                continue
            if _hidden(node.value):
                continue
            shown[name] = self.value(node, depth + 1)
        for name in merged.required:
            shown.setdefault(name, "value")
        lowest = merged.rules.get("minProperties")
        for number in range((lowest if isinstance(lowest, int) else 0) - len(shown)):
            shown[f"member{number}"] = (
                self.value(merged.extra, depth + 1) if merged.extra else "value"
            )
        return shown

    def _array(self, merged: "_Merged", depth: int) -> Json:
        low, high = merged.rules.get("minItems"), merged.rules.get("maxItems")
        wanted = 0 if self._bare or depth >= _OPTIONAL_DEPTH else 1
        least = low if isinstance(low, int) else wanted
        most = high if isinstance(high, int) else max(least, _MAX_ITEMS)
        count = min(self._random.randint(min(least, most), min(least + 1, most)), _MOST_ITEMS)
        return [self.value(merged.items, depth + 1) for _ in range(count)]

    def _number(self, rules: dict[str, Json], *, whole: bool) -> Json:
        low, high = (
            _bound(rules, "minimum", "exclusiveMinimum", 1),
            _bound(rules, "maximum", "exclusiveMaximum", -1),
        )
        low = low if low is not None else (min(high, 0.0) if high is not None else 1.0)
        high = high if high is not None else low + 99
        step = rules.get("multipleOf")
        if isinstance(step, int | float) and not isinstance(step, bool) and step > 0:
            first = -(-low // step)
            found = (
                first + self._random.randint(0, max(0, int((high - first * step) // step)))
            ) * step
            return int(found) if whole or float(found).is_integer() else round(found, 9)
        if whole:
            least = int(-(-low // 1))
            return self._random.randint(least, max(least, int(high // 1)))
        return round(self._random.uniform(low, high), 2) if high - low > 1 else (low + high) / 2


class _Merged:
    """What several schemas say about one value, the first word winning."""

    def __init__(self) -> None:
        self.rules: dict[str, Json] = {}
        self.properties: dict[str, Node] = {}
        self.required: list[str] = []
        self.items: Node | None = None
        self.extra: Node | None = None

    def take(self, node: Node, schema: dict[str, Json]) -> None:
        """Add a schema."""
        for keyword, value in schema.items():
            self.rules.setdefault(keyword, value)
        members = schema.get("properties")
        for name, member in members.items() if isinstance(members, dict) else ():
            self.properties.setdefault(
                name, Node(jp.join(node.pointer, "properties", name), member)
            )
        names = schema.get("required")
        self.required += (
            [str(name) for name in names if name not in self.required]
            if isinstance(names, list)
            else []
        )
        if isinstance(schema.get("items"), dict) and self.items is None:
            self.items = Node(jp.join(node.pointer, "items"), schema["items"])
        if isinstance(schema.get("additionalProperties"), dict) and self.extra is None:
            self.extra = Node(
                jp.join(node.pointer, "additionalProperties"), schema["additionalProperties"]
            )

    def kind(self) -> str:
        """Return the type to make; a type union gives its first, null last."""
        stated: Any = self.rules.get("type")
        names = (
            [stated] if isinstance(stated, str) else (stated if isinstance(stated, list) else [])
        )
        real = [str(name) for name in names if name != "null"]
        if real:
            return real[0]
        if names:
            return "null"
        if self.properties or self.required or self.extra:
            return "object"
        if self.items:
            return "array"
        return (
            "string"
            if {"pattern", "format", "minLength", "maxLength"} & self.rules.keys()
            else "object"
        )


def _length(value: Json) -> int:
    return len(value) if isinstance(value, list) else 0


def _hidden(value: Json) -> bool:
    """Whether a member never stands in a response."""
    return isinstance(value, dict) and value.get("writeOnly") is True


def _bound(rules: dict[str, Json], plain: str, exclusive: str, step: int) -> float | None:
    limit, strict = rules.get(plain), rules.get(exclusive)
    if isinstance(strict, int | float) and not isinstance(strict, bool):
        return float(strict) + step * (1 if float(strict).is_integer() else 0.001)
    if isinstance(limit, int | float) and not isinstance(limit, bool):
        return float(limit) + (step if strict is True else 0)
    return None
