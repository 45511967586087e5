"""The systems beside an agent: contract, address, how to sign in, and what each one bears."""

from pathlib import Path

from pydantic import Field, ValidationError

from contracts import catalog
from contracts.errors import TreatyError
from contracts.formats import yaml
from orchestration.definition import Name, Slug, System, Version
from orchestration.settings import Settings
from orchestration.systems.settings import SystemSettings


class LocalSystem(SystemSettings):
    """A system on premises, with the contract that says what may be asked of it."""

    contract: Slug
    version: Version

    def wanted(self) -> System:
        """Return the contract's name."""
        return System(contract=self.contract, version=self.version)

    def plain(self) -> SystemSettings:
        """Return the rest."""
        return SystemSettings.model_validate(self.model_dump(exclude={"contract", "version"}))


class AgentFile(Settings):
    """The agent's `--systems` file."""

    systems: dict[Name, LocalSystem] = Field(min_length=1, max_length=50)


def read_agent(path: Path) -> AgentFile:
    """Return the file. Raises `TreatyError` (invalid-flow) with the place of the mistake."""
    document = yaml.parse(path.read_bytes(), source=str(path))
    try:
        return AgentFile.model_validate(document.root)
    except ValidationError as error:
        cause = error.errors(include_input=False, include_url=False)[0]
        at = "/".join(map(str, cause["loc"]))
        raise TreatyError(catalog.INVALID_FLOW, f"{path}: {at}: {cause['msg']}") from None
