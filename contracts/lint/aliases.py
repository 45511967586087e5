"""`aliases` of rulesets: names for paths, nested and by format; called by `ruleset` and `run`."""

import re
from collections.abc import Iterator, Mapping

from contracts.lint import options as opt
from contracts.lint.rule import Alias

_ALIAS = re.compile(r"#([A-Za-z][\w-]*)(.*)", re.DOTALL)
MAX_PATHS = 1_000  # that one `given` may stand for
MAX_DEPTH = 20


def expand(
    given: tuple[str, ...], aliases: Mapping[str, Alias], formats: frozenset[str] | None
) -> tuple[str, ...]:
    """Return the paths that `given` stands for in a document of these formats (None: of any).

    Raises `TreatyError` (invalid-ruleset) for an unknown alias, a circle, or too many paths.
    """
    found: list[str] = []
    for text in given:
        for path in _expanded(text, aliases, formats, ()):
            found.append(path)
            if len(found) > MAX_PATHS:
                raise opt.refusal(f"'given' stands for more than {MAX_PATHS} paths.")
    return tuple(dict.fromkeys(found))


def _expanded(
    text: str,
    aliases: Mapping[str, Alias],
    formats: frozenset[str] | None,
    within: tuple[str, ...],
) -> Iterator[str]:
    match = _ALIAS.fullmatch(text)
    if match is None:
        yield text
        return
    name, suffix = match.groups()
    if name in within or len(within) >= MAX_DEPTH:
        circle = " → ".join((*within, name))
        raise opt.refusal(f"Aliases lead in a circle: {circle[:200]}.")
    if name not in aliases:
        raise opt.refusal(f"The alias '#{name[:100]}' is not defined.")
    for wanted, paths in aliases[name].targets:
        if formats is None or wanted is None or wanted & formats:
            for path in paths:
                for each in _expanded(path, aliases, formats, (*within, name)):
                    yield each + suffix
