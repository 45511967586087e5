"""`python -m orchestration worker`, which dies by SIGKILL at boundary KILL_AT, before or after the act.

Boundaries are the records of steps, and the keeping of the leg's end.
"""

import os
import signal
import sys

from orchestration.__main__ import main
from orchestration.engine import durable
from orchestration.runs import legs

AT, AFTER = int(os.environ["KILL_AT"]), os.environ["KILL_AFTER"] == "1"
count = 0
record, keep = durable._Recorder.record, legs.Legs.keep
together = durable._Recorder.together


def perhaps(act):
    global count
    here, count = count == AT, count + 1
    if here and not AFTER:
        os.kill(os.getpid(), signal.SIGKILL)
    result = act()
    if here:
        os.kill(os.getpid(), signal.SIGKILL)
    return result


durable._Recorder.record = lambda self, name, act: record(self, name, lambda: perhaps(act))
# A round dies before or after its first act, with the others done or not.
durable._Recorder.together = lambda self, name, acts: together(
    self, name, [lambda: perhaps(acts[0]), *acts[1:]]
)
legs.Legs.keep = lambda self, *given: perhaps(lambda: keep(self, *given))
sys.exit(main())
