"""docs/lint.md, generated from the packs that ship; and one rule explained for `treaty explain`."""

from collections.abc import Iterator

from contracts.lint import packs, ruleset
from contracts.lint.catalogue import FUNCTIONS
from contracts.lint.levels import DEMANDS, LintLevel, level_named
from contracts.lint.rule import Rule

_HEAD = """# Lint rules

`treaty lint FILE` judges a contract by a ruleset in Spectral's format: a file (`-r`), the
`treaty-lint.yaml` or `.spectral.yaml` beside it, or by default `spectral:oas` and
`treaty:governance`. Generated from `contracts/lint/packs/`.

A finding that is known and accepted is recorded by `treaty lint FILE --save-baseline F`; with
`--baseline F` only new findings fail, and entries that nothing has any more are named.
"""
_LEVELS = """
## Levels

A level demands that rules run and find nothing, whatever their severity; it includes the levels
before it. Where rules stand together, the first that the ruleset has is asked.

| level | demands |
| --- | --- |
"""
_FUNCTIONS = """
## Functions

Rulesets may name these in `then`; functions in JavaScript are listed as unsupported.

| function | what it demands |
| --- | --- |
"""


def render() -> str:
    """Return the page."""
    return "".join((_HEAD, *_packs(), _LEVELS, *_demands(), _FUNCTIONS, *_functions()))


def explained(name: str) -> dict[str, object] | None:
    """Return what there is to know about a rule of a shipped pack, None for another name."""
    for pack, rule in _rules():
        if rule.name == name:
            level = level_named(name)
            return {
                "is a": "lint rule",
                "what": _text(rule),
                "pack": pack,
                "severity": rule.severity.word,
                "recommended": rule.recommended,
                "formats": sorted(rule.formats or ()) or ["any"],
                "level": level.value if level else "",
                "looks at": list(rule.given),
                "fix": rule.fix,
            }
    return None


def names() -> tuple[str, ...]:
    """Return the name of every rule that ships."""
    return tuple(rule.name for _, rule in _rules())


def _rules() -> Iterator[tuple[str, Rule]]:
    for pack in packs.names():
        yield from ((pack, rule) for rule in ruleset.pack(pack).rules.values())


def _packs() -> Iterator[str]:
    for pack in packs.names():
        yield f"\n## {pack}\n\n| rule | severity | recommended | level | what |\n"
        yield "| --- | --- | --- | --- | --- |\n"
        for rule in ruleset.pack(pack).rules.values():
            level = level_named(rule.name)
            recommended = "yes" if rule.recommended else "no"
            yield (
                f'| <a id="{rule.name}"></a>`{rule.name}` | {rule.severity.word} | {recommended} '
                f"| {level.value if level else ''} | {_cell(_text(rule))} |\n"
            )


def _demands() -> Iterator[str]:
    for level in LintLevel:
        for demand in DEMANDS.get(level, ()):
            yield f"| {level.value} | {' or '.join(f'`{rule}`' for rule in demand)} |\n"


def _functions() -> Iterator[str]:
    for name in sorted(FUNCTIONS, key=str.lower):
        sentence = " ".join((FUNCTIONS[name].__doc__ or "").split("\n\n")[0].split())
        yield f"| `{name}` | {_cell(sentence)} |\n"


def _text(rule: Rule) -> str:
    return rule.description or rule.message or ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
