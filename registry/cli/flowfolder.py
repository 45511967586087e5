"""The folder of flows on the command line: one of the user's, or a pack that ships (`pack:NAME`)."""

from pathlib import Path
from typing import Any

import click

_PACK = "pack:"


class FlowFolder(click.Path):
    """An existing folder, or `pack:NAME`, which the worker knows."""

    def __init__(self) -> None:
        super().__init__(exists=True, file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path; a pack goes on as it is written."""
        if str(value).startswith(_PACK):
            return Path(value)
        return super().convert(value, param, ctx)
