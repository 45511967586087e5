"""The linter beside npm's Spectral: the same (rule, path, severity) on every contract.

`make test` installs Spectral where Node is at hand (deploy/spectral.py); its answers are kept by
content, so a second run does not start it.
"""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from contracts import library
from contracts import pointer as jp
from contracts.formats.yaml import parse
from contracts.lint.ruleset import load
from contracts.lint.run import lint
from contracts.refs import Resolver
from contracts.structure import reference

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
CORPUS = ROOT.parent / "shared" / "corpus"
PEER = ROOT / ".cache" / "spectral"
COMMAND = PEER / "node_modules" / ".bin" / "spectral"
SEVERITIES = ("error", "warn", "info", "hint")
LEDGER = parse((HERE / "ledger.yaml").read_bytes(), source="ledger.yaml").root
ALL = "extends: [[spectral:oas, all]]\n"


def contracts():
    """The corpus where it is at hand, and always the contracts that ship."""
    yield from sorted(CORPUS.glob("*/*.yaml"))
    yield from sorted((ROOT / "contracts" / "library" / "systems").glob("*.yaml"))


def comparisons():
    if not any(PEER.glob("installed-*")):
        return
    for path in contracts():
        name = f"{path.parent.name}/{path.stem}"
        yield pytest.param(path, ALL, id=f"{name}: spectral:oas")
        if path.stat().st_size < 100_000:  # the peer takes long for large ones
            yield pytest.param(path, (HERE / "rules.yaml").read_text(), id=f"{name}: our rules")


@pytest.mark.xdist_group("spectral")
@pytest.mark.parametrize(("path", "ruleset"), list(comparisons()))
def test_findings_are_those_of_spectral(path, ruleset, tmp_path):
    rules = tmp_path / "ruleset.yaml"
    rules.write_text(ruleset)
    theirs = _theirs(path, rules)
    document = parse(path.read_bytes(), source=path.name)
    ours = {
        (found.rule, tuple(map(str, found.path)), str(found.severity.word))
        for found in lint(document, load(str(rules), lambda _: rules.read_bytes())).findings
    }
    unexplained = [
        (side, finding)
        for side, findings in (("ours", ours - theirs), ("theirs", theirs - ours))
        for finding in sorted(findings)
        if not _explained(side, finding, document)
    ]
    assert unexplained == []


def _theirs(path, rules):
    key = hashlib.sha256(path.read_bytes() + b"\0" + rules.read_bytes()).hexdigest()[:24]
    kept = PEER / "answers" / f"{key}.json"
    if not kept.exists():
        done = subprocess.run(
            [COMMAND, "lint", "--quiet", "-r", rules, "-f", "json", path],
            capture_output=True, text=True, cwd=PEER, timeout=240, check=False,
        )  # fmt: skip
        answer = json.loads(done.stdout[done.stdout.index("[") : done.stdout.rindex("]") + 1])
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(json.dumps(answer))
    return {
        (found["code"], tuple(map(str, found["path"])), SEVERITIES[found["severity"]])
        for found in json.loads(kept.read_text())
    }


def _explained(side, finding, document):
    return any(
        (row["rule"], row["only"]) == (finding[0], side)
        and SHAPES[row["shape"]](document, finding[1])
        for row in LEDGER
    )


def _circular(document, path):
    """Whether the schema beside the example leads back to itself."""
    at = path.index("example") if "example" in path else path.index("examples")
    owner = document.at(jp.join("", *path[:at]))
    resolver, todo, seen = Resolver(document), [owner["schema"]], []
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo.extend(value)
        elif isinstance(value, dict):
            ref = reference(value)
            if ref in seen and _reaches(resolver, ref):
                return True
            if ref is not None and ref not in seen:
                seen.append(ref)
                if _reaches(resolver, ref):
                    return True
                todo.append(document.at(ref[1:]))
            todo.extend(value.values())
    return False


def _reaches(resolver, start):
    todo, seen = [resolver.document.at(start[1:])], set()
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            ref = reference(value)
            if ref == start:
                return True
            if ref is not None and ref not in seen:
                seen.add(ref)
                todo.append(resolver.document.at(ref[1:]))
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
    return False


def _beside_reference(document, path):
    value = document.at(jp.join("", *path))
    return reference(value) is not None and len(value) > 1


SHAPES = {"circular": _circular, "reference with siblings": _beside_reference}


def test_every_row_of_the_ledger_has_its_reason():
    for row in LEDGER:
        assert row["only"] in ("ours", "theirs")
        assert row["shape"] in SHAPES
        assert row["reason"].endswith(".")


@pytest.mark.parametrize("name", [n for n in library.names() if n.startswith("systems/")])
def test_what_ships_keeps_the_rules(name, tmp_path):
    rules = tmp_path / "ruleset.yaml"
    rules.write_text("extends: [spectral:oas]\n")
    document = parse(library.text(name), source=name)
    report = lint(document, load(str(rules), lambda _: rules.read_bytes()))
    assert [f.rule for f in report.findings if f.severity.word == "error"] == []
