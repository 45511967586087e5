"""JSON Schemas of what others write programs against: reports, pairs, waivers, changelogs.

Printed by `treaty schema`; `docs/machine-interface.md` is made from them.
"""

import json
from collections.abc import Mapping
from importlib.resources import files

from contracts.document import Json

# Name on the command line, and what it describes.
SCHEMAS: Mapping[str, str] = {
    "report": "the result of `treaty check` and `treaty diff` with `--format json`",
    "pair": "one line of the file that `treaty check --pairs` reads",
    "answer": "one line that `treaty check --pairs` answers",
    "waivers": "the file that `treaty check --waivers` reads",
    "changelog": "the result of `treaty changelog --format json`",
}


def text(name: str) -> bytes:
    """Return the schema as it ships. Raises `LookupError` for a name that is not in `SCHEMAS`."""
    if name not in SCHEMAS:
        raise LookupError(name)
    return files(__name__).joinpath(f"{name}.schema.json").read_bytes()


def schema(name: str) -> Mapping[str, Json]:
    """Return the schema as a value. Raises `LookupError`."""
    read: Mapping[str, Json] = json.loads(text(name))
    return read
