"""One exchange of files: where its folder is, and what a file must be like."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from orchestration.definition import Slug, Version

Column = Annotated[str, Field(min_length=1, max_length=100)]


class RowSchema(BaseModel):
    """The JSON Schema of a row, as a contract."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contract: Slug
    version: Version


class ExchangeSettings(BaseModel):
    """A folder by its URL (a path, `file:`, or whatever fsspec has a driver for), and its files.

    With `control` a file counts when `NAME.control.json` is there too: {"rows": 3, "sums": {"hours":
    "12.50"}}; without it when two looks in a row find it unchanged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    url: Annotated[str, Field(min_length=1, max_length=500)]
    format: Literal["csv", "jsonl", "xlsx"] = "csv"
    row: RowSchema = Field(alias="schema")
    encoding: Literal["utf-8", "iso-8859-1", "iso-8859-15", "windows-1252", "utf-16"] = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    group_by: tuple[Column, ...] = Field(default=(), max_length=5)
    control: bool = False
    rejects: Literal["split", "refuse"] = "split"  # what one bad row means for the others
    max_bytes: int = Field(default=20_000_000, ge=1, le=1_000_000_000)
    max_rows: int = Field(default=100_000, ge=1, le=1_000_000)
    every_seconds: float = Field(default=5.0, ge=0.1, le=86_400)
