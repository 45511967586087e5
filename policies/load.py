"""Policy documents from YAML: every mistake named with file, line and pointer."""

import difflib
import re
from typing import Any

from pydantic import ValidationError

from contracts import catalog
from contracts import pointer as jp
from contracts.document import Document, Json
from contracts.errors import TreatyError
from contracts.formats import yaml
from contracts.ids import SLUG
from contracts.problem import Detail
from policies.conditions.reading import Condition, ConditionError, read
from policies.document import Policy, Selector
from policies.kind import Spec
from policies.kinds import KINDS

_MEMBERS = ("policy", "kind", "mode", "description", "overrides", "select", "when", "spec")
_SELECT = ("contracts", "versions", "operations", "environments")
_MODES = ("enforce", "observe")
_GLOB = re.compile(r"[\w .*?/{}\-]{1,200}")
MAX_POLICIES = 500
_MAX_NAME = 100
_MAX_CAUSES = 10


def load(text: bytes, *, source: str, builtin: bool = False) -> tuple[Policy, ...]:
    """Return the policies of a `---` separated stream.

    Raises `TreatyError`: what `yaml.parse` raises, or invalid-policy.
    """
    found: list[Policy] = []
    for document in yaml.parse_all(text, source=source):
        if document.root is None:
            continue  # a stream may begin or end with `---`
        policy = _Reader(document).policy(builtin)
        twin = next((other for other in found if other.name == policy.name), None)
        if twin is not None:
            raise _Reader(document).fail(
                "/policy", f"the policy {policy.name!r} stands here and on line {twin.place.line}"
            )
        found.append(policy)
        if len(found) > MAX_POLICIES:
            raise _Reader(document).fail("", f"a file may hold at most {MAX_POLICIES} policies")
    return tuple(found)


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document

    def fail(self, pointer: str, sentence: str) -> TreatyError:
        place = self._document.place(pointer)
        detail = Detail(sentence, pointer, place.file, place.line, place.column)
        return TreatyError(
            catalog.INVALID_POLICY,
            f"{place.file}:{place.line}:{place.column}: {sentence}",
            errors=(detail,),
        )

    def policy(self, builtin: bool) -> Policy:
        root = self._mapping(self._document.root, "", _MEMBERS)
        name = self._slug(root, "policy")
        kind = self._choice(root.get("kind"), "/kind", tuple(KINDS), "policy kind")
        mode = self._choice(root.get("mode", "enforce"), "/mode", _MODES, "mode")
        description = root.get("description", "")
        if not isinstance(description, str):
            raise self.fail("/description", "a description is text")
        return Policy(
            name=name,
            kind=kind,
            mode=mode,
            spec=self._spec(kind, root.get("spec", {})),
            place=self._document.place(""),
            select=self._selector(root.get("select", {})),
            description=description,
            builtin=builtin,
            when=self._when(root["when"]) if "when" in root else None,
            overrides=self._slug(root, "overrides") if "overrides" in root else "",
        )

    def _slug(self, root: dict[str, Json], member: str) -> str:
        name = root.get(member)
        if not isinstance(name, str) or not SLUG.fullmatch(name) or len(name) > _MAX_NAME:
            raise self.fail(f"/{member}", f"`{member}` must be a name like `demo-limits`")
        return name

    def _choice(self, value: Json, pointer: str, known: tuple[str, ...], what: str) -> str:
        if isinstance(value, str) and value in known:
            return value
        near = difflib.get_close_matches(str(value)[:80], known, 1)
        hint = f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(known)}"
        raise self.fail(pointer, f"{str(value)[:80]!r} is not a {what}{hint}")

    def _mapping(self, value: Json, pointer: str, known: tuple[str, ...]) -> dict[str, Json]:
        if not isinstance(value, dict):
            raise self.fail(pointer, "a mapping is expected here")
        for key in value:
            self._choice(key, jp.join(pointer, key), known, "member here")
        return value

    def _selector(self, value: Json) -> Selector:
        chosen = self._mapping(value, "/select", _SELECT)
        return Selector(**{key: self._globs(chosen[key], f"/select/{key}") for key in chosen})

    def _globs(self, value: Json, pointer: str) -> tuple[str, ...]:
        globs = value if isinstance(value, list) else [value]
        for index, glob in enumerate(globs):
            if not isinstance(glob, str) or not _GLOB.fullmatch(glob):
                raise self.fail(jp.join(pointer, index), "a glob like `psa.*` is expected here")
        return tuple(str(glob) for glob in globs)

    def _when(self, value: Json) -> Condition:
        try:
            return read(value)
        except ConditionError as error:
            raise self.fail("/when" + error.pointer, error.sentence) from None

    def _spec(self, kind: str, value: Json) -> Spec:
        spec: dict[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            raise self.fail("/spec", "a mapping is expected here")
        try:
            return KINDS[kind].spec.model_validate(spec)
        except ValidationError as error:
            causes = error.errors(include_input=False, include_url=False)[:_MAX_CAUSES]
            refusals = [self._cause(cause["loc"], cause["msg"]).problem for cause in causes]
            raise TreatyError(
                catalog.INVALID_POLICY,
                refusals[0].detail,
                errors=tuple(detail for refusal in refusals for detail in refusal.errors),
            ) from None

    def _cause(self, location: tuple[int | str, ...], sentence: str) -> TreatyError:
        pointer = jp.join("/spec", *location)
        return self.fail(pointer, f"{pointer}: {sentence}")
