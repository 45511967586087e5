"""Linting contracts: seconds of reading and of linting, with the rulesets that ship.

Uses the corpus beside the repository where it is at hand, else the contracts that ship. Where
`make test` has installed Spectral, the same document and rules are timed with it in the same run.
"""

import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from measure import save  # noqa: E402  # after the path is set

from contracts.formats.yaml import parse  # noqa: E402
from contracts.lint import packs  # noqa: E402
from contracts.lint.ruleset import default, pack  # noqa: E402
from contracts.lint.run import lint  # noqa: E402

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"


def contracts():
    if CORPUS.is_dir():
        return [max(folder.glob("*.yaml")) for folder in sorted(CORPUS.glob("*/"))]
    return sorted((ROOT / "contracts" / "library" / "systems").glob("*.yaml"))


def row(path, name, ruleset):
    text = path.read_bytes()
    started = time.perf_counter()
    document = parse(text, source=path.name)
    read = time.perf_counter()
    report = lint(document, ruleset)
    ended = time.perf_counter()
    tracemalloc.start()
    lint(document, ruleset)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "contract": f"{path.parent.name}/{path.stem}",
        "kilobytes": len(text) // 1000,
        "ruleset": name,
        "rules": len(report.rules),
        "read_s": round(read - started, 3),
        "lint_s": round(ended - read, 3),
        "together_s": round(ended - started, 3),
        "lint_peak_mb": round(peak / 1e6, 1),
        "findings": len(report.findings),
    }


SPECTRAL = ROOT / ".cache" / "spectral" / "node_modules" / ".bin" / "spectral"


def beside(path):
    """The whole of both commands on one document, processes and all; the ratio is what counts."""
    rules = ROOT / "benchmarks" / "out" / "oas.yaml"
    rules.parent.mkdir(exist_ok=True)
    rules.write_text("extends: [spectral:oas]\n")
    ours = _seconds([sys.executable, "-m", "registry.cli", "lint", "-r", rules, path])
    theirs = _seconds([SPECTRAL, "lint", "--quiet", "-r", rules, path])
    return {
        "contract": f"{path.parent.name}/{path.stem}",
        "ours_s": round(ours, 2),
        "spectral_s": round(theirs, 2),
        "times_faster": round(theirs / ours, 1),
    }


def _seconds(command):
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, cwd=ROOT, check=False, timeout=300)
    return time.perf_counter() - started


if __name__ == "__main__":
    rulesets = {name: pack(name) for name in packs.names()} | {"default": default()}
    save("lint", [row(path, *pair) for path in contracts() for pair in rulesets.items()])
    if SPECTRAL.exists():
        save("lint-beside-spectral", [beside(max(contracts(), key=lambda p: p.stat().st_size))])
