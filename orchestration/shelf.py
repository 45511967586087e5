"""Flows, mappings and contracts from folders and from what ships; `treaty flows` and the worker read it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from contracts import catalog, library
from contracts.document import Document
from contracts.errors import TreatyError
from contracts.formats import read
from contracts.model import Contract
from contracts.problem import Detail
from orchestration.definition import Flow
from orchestration.mapping import MappingDocument
from orchestration.matching import Matching
from orchestration.ownership import Ownership
from orchestration.reading import (
    mistake,
    read_flow,
    read_mapping,
    read_matching,
    read_ownership,
    refuse,
)

_MAX_BYTES = 1_000_000
_PACK = "pack:"
_FOLDERS = ("systems", "canonical", "business", "exchange")


@dataclass(slots=True)
class Shelf:
    """What was read, each with where it is written."""

    flows: dict[str, tuple[Flow, Document]] = field(default_factory=dict)
    mappings: dict[str, tuple[MappingDocument, Document]] = field(default_factory=dict)
    ownership: dict[str, tuple[Ownership, Document]] = field(default_factory=dict)
    matching: dict[str, tuple[Matching, Document]] = field(default_factory=dict)
    folder: Path | None = None  # where contracts may stand beside what ships

    def documents(self) -> dict[str, MappingDocument]:
        """Return the mappings by name."""
        return {name: document for name, (document, _) in self.mappings.items()}

    def owners(self) -> tuple[Ownership, ...]:
        """Return the ownership rules."""
        return tuple(document for document, _ in self.ownership.values())

    def matchings(self) -> tuple[Matching, ...]:
        """Return the matching rules."""
        return tuple(document for document, _ in self.matching.values())

    def contract(self, contract: str, version: str) -> Contract:
        """Return a contract of the folder, or one that ships. Raises `TreatyError` (not-found)."""
        name = f"{contract}-{version}.yaml"
        own = self.folder / "contracts" / name if self.folder else None
        if own is not None and own.is_file():
            return read(own.read_bytes(), source=str(own))
        shipped = next(
            (f"{part}/{name}" for part in _FOLDERS if f"{part}/{name}" in library.names()), None
        )
        if shipped is None:
            raise TreatyError(catalog.NOT_FOUND, f"There is no contract {contract} {version}.")
        return read(library.text(shipped), source=shipped)


def load(folder: Path | None = None) -> Shelf:
    """Return what a folder holds (`flows/`, `mappings/`, `ownership/`, `matching/`), or what ships.

    Raises `TreatyError` (invalid-flow) that lists every mistake of every file.
    """
    shelf, wrong = Shelf(folder=folder), list[Detail]()
    for kind, name, text in _files(folder):
        try:
            if kind == "flows":
                flow, document = read_flow(text, source=name)
                _place(shelf.flows, flow.flow, (flow, document), wrong)
            elif kind == "ownership":
                rules, document = read_ownership(text, source=name)
                _place(shelf.ownership, rules.ownership, (rules, document), wrong)
            elif kind == "matching":
                same, document = read_matching(text, source=name)
                _place(shelf.matching, same.matching, (same, document), wrong)
            else:
                mapping, document = read_mapping(text, source=name)
                _place(shelf.mappings, mapping.mapping, (mapping, document), wrong)
        except TreatyError as error:
            wrong += error.problem.errors or (Detail(error.problem.detail, "", name, 1, 1),)
    if wrong:
        raise refuse(wrong)
    return shelf


def _place(
    shelf: dict[str, tuple[object, Document]] | Mapping[str, object],
    name: str,
    entry: tuple[object, Document],
    wrong: list[Detail],
) -> None:
    if name in shelf:
        wrong.append(mistake(entry[1], "", f"{name!r} is written in another file, too"))
    shelf[name] = entry  # type: ignore[index]  # both shelves are dicts


def _root(folder: Path | None) -> Traversable:
    """Return where the folders of documents are; `pack:NAME` is one that ships beside the default.

    Raises `TreatyError` (not-found) for a pack that is none.
    """
    shipped = files("orchestration")
    if folder is None:
        return shipped
    if not str(folder).startswith(_PACK):
        return folder
    packs = {each.name: each for each in shipped.joinpath("packs").iterdir() if each.is_dir()}
    name = str(folder).removeprefix(_PACK)
    if name not in packs:
        known = ", ".join(sorted(packs))
        raise TreatyError(catalog.NOT_FOUND, f"There is no pack {name[:60]!r}; packs: {known}.")
    return packs[name]


def rehearsals(folder: Path | None) -> Traversable:
    """Return the folder of rehearsals."""
    return _root(folder).joinpath("rehearsals")


def _files(folder: Path | None) -> Iterator[tuple[str, str, bytes]]:
    for kind in ("mappings", "ownership", "matching", "flows"):
        root = _root(folder).joinpath(kind)
        if not root.is_dir():
            continue
        for entry in sorted(root.iterdir(), key=lambda entry: entry.name):
            if entry.name.endswith((".yaml", ".yml")):
                name = str(entry) if folder else f"{kind}/{entry.name}"
                text = entry.read_bytes()
                if len(text) > _MAX_BYTES:
                    raise TreatyError(
                        catalog.TOO_LARGE, f"{name} has more than {_MAX_BYTES} bytes."
                    )
                yield kind, name, text
