"""The registries that can be emulated: their rules, names and tables. One line per registry."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.compat.mode import Policy, Profile
from contracts.compat.profiles.apicurio.differences import DIFFERENCES as APICURIO
from contracts.compat.profiles.apicurio.rules import differences as apicurio
from contracts.compat.profiles.confluent.differences import DIFFERENCES as CONFLUENT
from contracts.compat.profiles.confluent.rules import differences as confluent
from contracts.compat.profiles.difference import Table
from contracts.compat.profiles.walk import Rules


@dataclass(frozen=True, slots=True)
class Emulation:
    """One registry: how it is called, its table of differences, its rules."""

    name: str
    table: Table
    rules: Rules

    def compatible(self, policy: Policy) -> frozenset[str]:
        """Return the names of the differences that the policy lets pass."""
        lenient = policy is Policy.LENIENT
        entries = self.table.values()
        return frozenset(e.name for e in entries if (e.lenient if lenient else e.strict))


EMULATIONS: Mapping[Profile, Emulation] = {
    Profile.CONFLUENT: Emulation("Confluent Schema Registry", CONFLUENT, confluent),
    Profile.APICURIO: Emulation("Apicurio Registry", APICURIO, apicurio),
}


def rule(profile: Profile, name: str) -> str:
    """Return the rule id of a difference, e.g. `confluent-type-changed`."""
    return f"{profile.value}-{name.lower().replace('_', '-')}"
