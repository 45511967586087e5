"""What `treaty up` remembers between runs, in files that only their owner may read."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.cli import credentials

_FILE = "demo.json"
_GATEWAY_TOKEN = "gateway.token"  # noqa: S105  # a file name


@dataclass
class Memory:
    """The administrator's token, and the client secret of each demo application."""

    folder: Path
    admin_token: str = ""
    seeded: bool = False
    secrets: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> "Memory":
        """Return what is remembered; a missing or damaged file means a fresh start."""
        try:
            stored: Any = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            secrets = {str(entry["id"]): str(entry["secret"]) for entry in stored["applications"]}
            return cls(folder, str(stored["admin_token"]), stored["seeded"] is True, secrets)
        except (OSError, ValueError, LookupError, TypeError):
            return cls(folder)

    def save(self) -> None:
        """Write it down."""
        applications = [{"id": name, "secret": value} for name, value in self.secrets.items()]
        stored = {
            "admin_token": self.admin_token,
            "seeded": self.seeded,
            "applications": applications,
        }
        credentials.private(self.folder / _FILE, json.dumps(stored, indent=2) + "\n")

    @property
    def gateway_token_file(self) -> Path:
        """Where the gateway finds its token."""
        return self.folder / _GATEWAY_TOKEN

    @property
    def complete(self) -> bool:
        """Whether the tokens that bootstrap shows only once are all at hand."""
        return bool(self.admin_token) and self.gateway_token_file.is_file()

    def keep(self, told: dict[str, Any]) -> None:
        """Remember the tokens that bootstrap returned this time."""
        if told.get("admin_token"):
            self.admin_token = str(told["admin_token"])
            self.save()
        if told.get("gateway_token"):
            credentials.private(self.gateway_token_file, f"{told['gateway_token']}\n")


def sign_in(url: str, token: str, *, known: set[str]) -> Path | None:
    """Let the commands in this folder speak to `url`; return the file, None where it stays as it is.

    Credentials that a person stored there for another registry or token are theirs: only a file
    with one of our `known` tokens, or none at all, is written.
    """
    path = Path.cwd() / credentials.FOLDER / credentials.FILE
    if path.is_file():
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            if stored["token"] not in known:
                return None
        except (ValueError, LookupError, TypeError):
            pass
    credentials.store(path, url, token)
    return path


def systems_file(folder: Path, sandbox: str) -> Path:
    """Write where the sandbox's systems are, for the worker; return the file."""
    path = folder / "demo-systems.yaml"
    names = ("crm", "erp", "psa", "jira", "servicenow")
    systems = {name: {"base_url": f"{sandbox}/{name}"} for name in names}
    feeds = {"firm": {"url": f"{sandbox}/-/events"}}
    # JSON is YAML, too.
    path.write_text(json.dumps({"systems": systems, "feeds": feeds}, indent=2), encoding="utf-8")
    return path
