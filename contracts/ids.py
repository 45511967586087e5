"""Names and versions: what a contract id, a slug and a version may look like."""

import re
from dataclasses import dataclass
from functools import total_ordering

SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
CONTRACT_ID = re.compile(rf"{SLUG.pattern}\.{SLUG.pattern}")

# Longer digit runs than any real version would only feed int() with hostile input.
_VERSION = re.compile(r"v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z.-]{1,64}))?")


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A version in the sense of Semantic Versioning 2.0.0; missing parts count as zero."""

    major: int
    minor: int = 0
    patch: int = 0
    pre: str = ""

    @classmethod
    def parse(cls, text: str) -> "Version | None":
        """Return the version, or None when the text does not follow semver (`2024-07`)."""
        match = _VERSION.fullmatch(text)
        if match is None:
            return None
        major, minor, patch, pre = match.groups()
        return cls(int(major), int(minor or 0), int(patch or 0), pre or "")

    def _key(self) -> tuple[object, ...]:
        # A pre-release precedes its release; numeric identifiers precede words (semver 11.4).
        identifiers = tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.pre.split(".")
        )
        return (self.major, self.minor, self.patch, not self.pre, identifiers)

    def __lt__(self, other: "Version") -> bool:
        return self._key() < other._key()

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}" + (f"-{self.pre}" if self.pre else "")
