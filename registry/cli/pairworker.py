"""Judges one pair a line, in a process of its own: `python -m registry.cli.pairworker`.

Started by `registry.cli.pairs`, which starts another one when a hostile pair ends this one.
"""

import argparse
import json
import resource
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

from contracts import catalog
from contracts.compat import batch, undecided
from contracts.compat.batch import Line
from contracts.compat.judge import Request, Text, judge_history
from contracts.compat.texts import Texts
from contracts.document import Json
from contracts.errors import TreatyError
from contracts.formats.limits import Limits
from contracts.report import Report

READY = b"ready\n"
MEMORY = 4 * 1024**3  # bytes of address space; beyond, a pair ends in MemoryError
_LONGEST_NAME = 4_096
_MAX_VERSIONS = 100
_ENDINGS = (".yaml", ".yml", ".json")


@dataclass
class Worker:
    """Answers lines; `folder` is where the pairs file stands."""

    folder: Path
    defaults: Request
    texts: Texts = field(default_factory=Texts)

    def answer(self, line: bytes) -> bytes:
        """Return the answer to one line, whatever it holds."""
        try:
            asked = batch.read(line, self.defaults)
        except TreatyError as error:
            report = undecided.report(undecided.refused(error.problem))
            return batch.answer(batch.id_of(line), report)
        return batch.answer(asked.id, self._judged(asked))

    def _judged(self, asked: Line) -> Report:
        findings = []
        sides: dict[str, list[Text]] = {}
        for side, value in (("old", asked.old), ("new", asked.new)):
            try:
                sides[side] = self._sides(value, side)
            except TreatyError as error:
                findings.append(undecided.unreadable(error.problem, side=side, source=side))
        if findings:
            return undecided.report(*findings)
        try:
            return judge_history(sides["old"], sides["new"][0], asked.request, texts=self.texts)
        except Exception as error:  # noqa: BLE001  # a defect on one pair must not cost its neighbours
            sentence = f"a defect in Treaty ended the judgement ({type(error).__name__})"
            return undecided.report(undecided.stopped(sentence))

    def _sides(self, value: Json, side: str) -> list[Text]:
        if side == "old" and isinstance(value, list) and 0 < len(value) <= _MAX_VERSIONS:
            return [self._text(entry, side) for entry in value]
        return [self._text(value, side)]

    def _text(self, value: Json, side: str) -> Text:
        """Return a side: a schema as it stands, the file that a string names, else the string."""
        if isinstance(value, dict | bool):
            return Text(json.dumps(value).encode(), side)
        if not isinstance(value, str):
            sentence = f"`{side}` is a path, the text of a contract, an object or a boolean."
            raise TreatyError(catalog.INVALID_REQUEST, sentence)
        path = self._file(value)
        if path is None:
            return Text(value.encode(errors="surrogatepass"), side)
        with path.open("rb") as file:
            return Text(file.read(Limits().max_bytes + 1), value)

    def _file(self, name: str) -> Path | None:
        """Return the file beside the pairs file or in the working directory, if there is one."""
        if len(name) > _LONGEST_NAME or "\n" in name:
            return None
        try:
            found = next((p for p in (self.folder / name, Path(name)) if p.is_file()), None)
        except (OSError, ValueError):  # too long a part, or a NUL: no name of a file
            return None
        if found is None and name.lower().endswith(_ENDINGS):
            raise TreatyError(catalog.NOT_READABLE, f"there is no file {name[:200]!r}")
        return found


def main() -> None:
    """Answer each line of stdin until its end; the kernel ends us when a pair takes too long."""
    parser = argparse.ArgumentParser()
    for name in ("folder", "mode", "profile", "policy", "seconds"):
        parser.add_argument(name)
    asked = vars(parser.parse_args())
    _bound_memory()
    worker = Worker(Path(asked["folder"]), batch.options(asked))
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    for line in sys.stdin.buffer:
        # The signal's default action ends the process, even inside native code.
        signal.setitimer(signal.ITIMER_REAL, float(asked["seconds"]))
        answer = worker.answer(line)
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.buffer.write(answer)
        sys.stdout.buffer.flush()


def _bound_memory() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


if __name__ == "__main__":
    main()
