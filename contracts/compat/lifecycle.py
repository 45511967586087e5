"""How long something must have been announced before it may go: the caller's choice, in days.

Carried by the walker to the checks on sunset dates.
"""

from dataclasses import dataclass

LEVELS = ("draft", "alpha", "beta", "stable")  # from no promise at all to the full one
UNSTABLE = frozenset(("draft", "alpha"))


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Days between the judgement and a sunset date; 0 asks for no date at all.

    Beta parts may go sooner than stable ones; draft and alpha parts promise nothing. What has no
    `x-stability-level` counts as stable.
    """

    beta_days: int = 0
    stable_days: int = 0

    def days(self, stability: object) -> int:
        """Return the days that a part of this stability level must still live."""
        if stability in UNSTABLE:
            return 0
        return self.beta_days if stability == "beta" else self.stable_days


TOLERANT = Lifecycle()
