"""Reading and comparing contracts: seconds, and ratios to PyYAML's own loaders in the same run.

Uses the corpus beside the repository where it is at hand, else the contracts that ship.
"""

import sys
import time
import tracemalloc
from itertools import pairwise
from pathlib import Path

import yaml

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from measure import save  # noqa: E402  # after the path is set

from contracts.compat.run import compare  # noqa: E402
from contracts.formats import from_document, read  # noqa: E402
from contracts.formats.yaml import parse  # noqa: E402

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"


def pairs():
    folders = (
        sorted(CORPUS.glob("*/"))
        if CORPUS.is_dir()
        else [ROOT / "contracts" / "library" / "systems"]
    )
    for folder in folders:
        versions = sorted(folder.glob("psa.projects-*.yaml")) or sorted(folder.glob("*.yaml"))
        yield from pairwise(versions)


def timed(call, *arguments, **named):
    return min(_once(call, arguments, named) for _ in range(3))


def _once(call, arguments, named):
    started = time.perf_counter()
    call(*arguments, **named)
    return time.perf_counter() - started


def row(old, new):
    text = new.read_bytes()
    parsing = timed(parse, text, source=new.name)
    document = parse(text, source=new.name)
    resolving = timed(from_document, document)
    # The peer reads values only: no positions, no references, no operations.
    c_loader = timed(yaml.load, text, Loader=yaml.CSafeLoader)
    before, after = read(old.read_bytes(), source=old.name), from_document(document)
    checking = timed(compare, before, after)
    tracemalloc.start()
    report = compare(before, after)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "pair": f"{new.parent.name}/{old.stem}..{new.stem}",
        "kilobytes": len(text) // 1000,
        "parse_s": round(parsing, 3),
        "parse_vs_pyyaml_c": round(parsing / c_loader, 2),
        "resolve_s": round(resolving, 3),
        "check_s": round(checking, 3),
        "total_s": round(parsing + resolving + checking, 3),
        "self_check_s": round(timed(compare, after, after), 4),
        "one_word_check_s": round(timed(compare, after, _one_word_later(text, new.name)), 4),
        "check_peak_mb": round(peak / 1e6, 1),
        "verdict": report.verdict.value,
        "findings": len(report.findings),
        "proven": sum(finding.witness is not None for finding in report.findings),
    }


def _one_word_later(text, source):
    """The same contract with another title: the digest differs, and nothing else."""
    return read(text.replace(b"title:", b"title: A new", 1), source=source)


if __name__ == "__main__":
    save("contracts", [row(old, new) for old, new in pairs()])
