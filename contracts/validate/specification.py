"""The document against the published schema of its format."""

from collections.abc import Iterator

from contracts import pointer as jp
from contracts.document import Json
from contracts.formats.detect import OPENAPI_30, OPENAPI_31, OPENAPI_32, SWAGGER_20
from contracts.structure import Part, parts
from contracts.validate.checking import metaschema, specification
from contracts.validate.issue import Issues
from contracts.validate.sentences import complaints

_DIALECTS = {
    OPENAPI_31: "https://spec.openapis.org/oas/3.1/dialect/base",
    OPENAPI_32: "https://spec.openapis.org/oas/3.2/dialect/2025-09-17",
}


def check(issues: Issues, dialect: str) -> None:
    """Note what the format's own schema refuses, and what its schemas' metaschema refuses."""
    if dialect not in (OPENAPI_30, OPENAPI_31, OPENAPI_32, SWAGGER_20):
        _report(issues, dialect, "", issues.document.root)
        return
    for error in specification(dialect).iter_errors(issues.document.root):
        for found in complaints(error):
            issues.add(found.rule, found.sentence, found.pointer, found.subject)
        if issues.full:
            return
    # 3.0 and 2.0 describe schemas in the same file; since 3.1 they have a dialect of their own.
    if dialect in _DIALECTS:
        for part in _schemas(issues.document.root):
            _report(issues, _dialect(part, issues.document.root, dialect), part.pointer, part.value)


def _report(issues: Issues, uri: str, pointer: str, schema: Json) -> None:
    validator = metaschema(uri)
    if validator is None:
        at = jp.join(pointer, "$schema")
        issues.add("unknown-dialect", "The dialect of this schema is not known.", at)
        return
    for error in validator.iter_errors(schema):
        for found in complaints(error, pointer):
            issues.add(found.rule, found.sentence, found.pointer, found.subject)
        if issues.full:
            return


def _schemas(root: Json) -> Iterator[Part]:
    """Yield the outermost schemas; their metaschema covers what is inside."""
    for part in parts(root):
        outermost = part.under == "schemas" and part.pointer.startswith("/components/schemas/")
        if (outermost and part.pointer.count("/") == 3) or part.under in ("schema", "itemSchema"):  # noqa: PLR2004  # /components/schemas/<name>
            yield part


def _dialect(part: Part, root: Json, dialect: str) -> str:
    own = part.value.get("$schema")
    if isinstance(own, str):
        return own
    declared = root.get("jsonSchemaDialect") if isinstance(root, dict) else None
    return declared if isinstance(declared, str) else _DIALECTS[dialect]
