"""Linting contracts: seconds of reading and of linting, with the rulesets that ship.

Uses the corpus beside the repository where it is at hand, else the contracts that ship.
"""

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


if __name__ == "__main__":
    rulesets = {name: pack(name) for name in packs.names()} | {"default": default()}
    save("lint", [row(path, *pair) for path in contracts() for pair in rulesets.items()])
