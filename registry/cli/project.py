"""`treaty.yaml`: which contract a folder holds, and how it is published."""

import json
from dataclasses import dataclass
from pathlib import Path

from contracts import catalog
from contracts.errors import TreatyError
from contracts.formats import yaml
from contracts.ids import CONTRACT_ID, SLUG
from contracts.problem import Detail

FILE = "treaty.yaml"
BASELINE = "treaty-baseline.json"
# As `contracts.compat.mode` has them; a test compares. Commands that speak HTTP load no engine.
MODES = (
    "backward",
    "forward",
    "full",
    "none",
    "backward_transitive",
    "forward_transitive",
    "full_transitive",
)
PROFILES = ("containment", "confluent", "apicurio")
POLICIES = ("strict", "lenient")
_MEMBERS = ("contract", "file", "compatibility", "owner", "registry")


@dataclass(frozen=True, slots=True)
class Project:
    """What treaty.yaml says. `folder` is where it stands, `file` is relative to it."""

    contract: str
    file: str
    owner: str
    compatibility: str = "backward"
    registry: str = ""
    folder: Path = Path()

    @property
    def service(self) -> str:
        """The first half of the contract id."""
        return self.contract.partition(".")[0]

    @property
    def path(self) -> Path:
        """The contract file."""
        return self.folder / self.file

    def write(self) -> str:
        """Return the text of treaty.yaml."""
        lines = ["# How `treaty publish` and `treaty check` know this contract."]
        for name in _MEMBERS:
            value = str(getattr(self, name))
            if value:
                # A JSON string is a YAML string, whatever it holds.
                lines.append(f"{name}: {value if _plain(value) else json.dumps(value)}")
        return "\n".join(lines) + "\n"


def find(start: Path) -> Project | None:
    """Return the project of `start`: the nearest treaty.yaml here or above, or None.

    Raises `TreatyError` (invalid-request or document-not-readable) for a file with mistakes.
    """
    for folder in (start, *start.parents):
        path = folder / FILE
        if path.is_file():
            return read(path)
    return None


def read(path: Path) -> Project:
    """Return the project in a file. Raises `TreatyError`."""
    document = yaml.parse(path.read_bytes(), source=path.name)
    root = document.root

    def fail(pointer: str, sentence: str) -> TreatyError:
        place = document.place(pointer)
        detail = Detail(sentence, pointer, place.file, place.line, place.column)
        return TreatyError(
            catalog.INVALID_REQUEST,
            f"{place.file}:{place.line}: {sentence}.",
            errors=(detail,),
        )

    if not isinstance(root, dict):
        raise fail("", "treaty.yaml is a mapping")
    for key, value in root.items():
        if key not in _MEMBERS:
            raise fail(f"/{key}", f"{key!r} is not known; known: {', '.join(_MEMBERS)}")
        if not isinstance(value, str):
            raise fail(f"/{key}", f"{key} is a text")
    given = {key: str(value) for key, value in root.items()}
    if not CONTRACT_ID.fullmatch(given.get("contract", "")):
        raise fail("/contract", "`contract` is an id like psa.projects")
    if not SLUG.fullmatch(given.get("owner", "")):
        raise fail("/owner", "`owner` is the name of a team, like delivery")
    if given.get("compatibility", "backward") not in MODES:
        raise fail("/compatibility", f"`compatibility` is one of {', '.join(MODES)}")
    if not given.get("file"):
        raise fail("", "`file` is missing: the path of the contract, from this folder")
    return Project(**given, folder=path.parent)


def _plain(value: str) -> bool:
    return value.replace("-", "a").replace(".", "a").replace("/", "a").isalnum() and not (
        value[0].isdigit() or value in ("true", "false", "null", "yes", "no")
    )
