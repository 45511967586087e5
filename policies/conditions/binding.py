"""A condition made fit for one operation: names checked, path places found. Called by `compile`."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from contracts import catalog
from contracts.errors import TreatyError
from policies.conditions import expression
from policies.conditions.matching import make
from policies.conditions.reading import Condition
from policies.kind import Stage, Target
from policies.scopes import require_declared

# From which stage on a subject is known: `authenticate` learns the caller, `require-scope` the plan.
_KNOWN_AFTER = {
    "claim": Stage.AUTHENTICATE,
    "application": Stage.AUTHENTICATE,
    "scopes": Stage.AUTHENTICATE,
    "plan": Stage.AUTHORISE,
}
_PARAMETER = re.compile(r"\{([^{}]*)\}")


def bind(
    condition: Condition, target: Target, stage: Stage, environment: str, plans: Collection[str]
) -> Condition:
    """Return the condition with every name resolved.

    Raises `TreatyError` (invalid-policy, unknown-scope) for a name that the operation lacks, and
    for what is not known yet where the rule runs.
    """
    return _Binder(target, stage, environment, plans).bind(condition)


class _Binder:
    def __init__(
        self, target: Target, stage: Stage, environment: str, plans: Collection[str]
    ) -> None:
        self._target = target
        self._stage = stage
        self._environment = environment
        self._plans = plans

    def bind(self, condition: Mapping[str, Any]) -> Condition:
        for group in ("all", "any"):
            if group in condition:
                return {group: [self.bind(one) for one in condition[group]]}
        if "not" in condition:
            return {"not": self.bind(condition["not"])}
        if "expression" in condition:
            return self._expression(condition["expression"])
        if "subject" not in condition:
            return dict(condition)
        return self._subject(condition)

    def _expression(self, text: str) -> Condition:
        for name in expression.heads(text):
            self._require_known(name)
        names = _PARAMETER.findall(self._target.operation.path)
        return {"expression": text, "places": {name: self._place(name) for name in names}}

    def _subject(self, condition: Mapping[str, Any]) -> Condition:
        subject, name = condition["subject"], condition.get("name", "")
        self._require_known(subject)
        bound = dict(condition)
        if subject == "path":
            bound["place"] = self._place(name)
        elif subject == "query":
            self._require_query(name)
        elif subject == "scopes":
            require_declared(self._target, map(str, _values(condition["test"])))
        elif subject == "plan":
            for plan in _values(condition["test"]):
                if plan not in self._plans:
                    raise _refusal(f"`when` names the plan {str(plan)[:100]!r}, which is not there")
        elif subject == "environment":
            return {"constant": self._fits(condition["test"])}
        return bound

    def _require_known(self, subject: str) -> None:
        after = _KNOWN_AFTER.get(subject)
        if after is not None and self._stage <= after:
            raise _refusal(
                f"`when` speaks of {subject}, which is not known yet where this kind runs"
            )

    def _require_query(self, name: str) -> None:
        declared = {p.name for p in self._target.operation.parameters if p.location == "query"}
        if name not in declared:
            known = ", ".join(sorted(declared)) or "none"
            raise _refusal(
                f"`when` names the query parameter {name[:100]!r}, which "
                f"{self._target.operation.key} does not declare; it declares: {known}"
            )

    def _place(self, name: str) -> dict[str, object]:
        path = self._target.operation.path
        for at, segment in enumerate(path.split("/")):
            names = _PARAMETER.findall(segment)
            if name in names and len(names) == 1:
                before, _, after = segment.partition("{" + name + "}")
                return {"at": at, "before": before, "after": after}
            if name in names:
                raise _refusal(f"{path}: several parameters in one segment cannot be matched on")
        raise _refusal(
            f"`when` names the path parameter {name[:100]!r}, which {path} does not have"
        )

    def _fits(self, test: Mapping[str, Any]) -> bool:
        return make(test, typed=False)(self._environment)


def _values(test: Mapping[str, Any]) -> Iterator[object]:
    if "not" in test:
        yield from _values(test["not"])
    yield from test.get("in", ())


def _refusal(sentence: str) -> TreatyError:
    return TreatyError(catalog.INVALID_POLICY, sentence)
