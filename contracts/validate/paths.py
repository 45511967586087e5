"""Paths, operations and parameters: what the specification says in prose, not in its schema."""

import re

from contracts import pointer as jp
from contracts.formats.openapi import merged, methods, path_items
from contracts.formats.reader import Reader, text
from contracts.model import Node
from contracts.validate.issue import Issues, line

_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def check(issues: Issues, reader: Reader, dialect: str) -> None:
    """Note repeated operationIds, paths and parameters, and templates without a parameter."""
    identifiers: dict[str, tuple[str, str]] = {}
    shapes: dict[str, str] = {}
    for path, item in path_items(reader):
        _shape(issues, path, shapes)
        _repeated_parameters(issues, reader, item)
        for method, operation in methods(reader, item, dialect):
            name = f"{method} {path}"
            _identifier(issues, name, operation, identifiers)
            _repeated_parameters(issues, reader, operation)
            _template(issues, reader, item, operation, name)
    _tags(issues, reader)


def _identifier(
    issues: Issues, name: str, operation: Node, seen: dict[str, tuple[str, str]]
) -> None:
    identifier = text(operation, "operationId")
    if not identifier:
        return
    pointer = jp.join(operation.pointer, "operationId")
    first, first_pointer = seen.setdefault(identifier, (name, pointer))
    if first != name:
        document = issues.document
        sentence = (
            f"The operationId '{identifier[:100]}' is used twice: by {first} in line"
            f" {line(document, first_pointer)} and by {name} in line {line(document, pointer)}."
        )
        issues.add("duplicate-operation-id", sentence, pointer)


def _shape(issues: Issues, path: str, shapes: dict[str, str]) -> None:
    pointer = jp.join("/paths", path)
    names = _TEMPLATE.findall(path)
    if len(set(names)) < len(names):
        issues.add("path-parameter-repeated", f"The path {path} names a parameter twice.", pointer)
    if "" in names or set("{}") & set(_TEMPLATE.sub("", path)):
        issues.add("path-template-broken", f"The braces in the path {path} do not match.", pointer)
    shape = _TEMPLATE.sub("{}", path)
    other = shapes.setdefault(shape, path)
    if other != path:
        where = line(issues.document, jp.join("/paths", other))
        sentence = f"The paths {other} (line {where}) and {path} match the same requests."
        issues.add("ambiguous-path", sentence, pointer)


def _repeated_parameters(issues: Issues, reader: Reader, owner: Node) -> None:
    seen: dict[tuple[str, str], Node] = {}
    for written in reader.items(reader.raw(owner, "parameters")):
        node = reader.follow(written)
        if node is None:
            continue
        key = (text(node, "in"), text(node, "name"))
        first = seen.setdefault(key, written)
        if first is not written:
            where = line(issues.document, first.pointer)
            sentence = f"The {key[0]} parameter '{key[1]}' is listed twice; first in line {where}."
            issues.add("duplicate-parameter", sentence, written.pointer)


def _template(issues: Issues, reader: Reader, item: Node, operation: Node, name: str) -> None:
    owners = (item, operation)
    written = [n for owner in owners for n in reader.items(reader.raw(owner, "parameters"))]
    broken = any(reader.follow(node) is None for node in written)
    declared = {
        text(p, "name"): p for p in merged(reader, item, operation) if text(p, "in") == "path"
    }
    wanted = list(dict.fromkeys(_TEMPLATE.findall(name.partition(" ")[2])))
    for parameter in wanted:
        # A list with a broken reference may well declare it; the reference is reported already.
        if parameter and parameter not in declared and not broken:
            sentence = f"{name} does not declare its path parameter '{parameter}'."
            issues.add("path-parameter-undeclared", sentence, operation.pointer, parameter)
    for parameter, node in declared.items():
        if parameter not in wanted:
            sentence = f"{name} declares the path parameter '{parameter}', which its path lacks."
            issues.add("path-parameter-unused", sentence, node.pointer, name)


def _tags(issues: Issues, reader: Reader) -> None:
    seen: dict[str, str] = {}
    for tag in reader.items(reader.raw(reader.root, "tags")):
        if name := text(tag, "name"):
            first = seen.setdefault(name, tag.pointer)
            if first != tag.pointer:
                where = line(issues.document, first)
                sentence = f"The tag '{name[:100]}' is declared twice; first in line {where}."
                issues.add("duplicate-tag", sentence, tag.pointer)
