"""`python -m orchestration worker`, which dies by SIGKILL at record KILL_AT, before or after the act."""

import os
import signal
import sys

from orchestration.__main__ import main
from orchestration.engine import durable

AT, AFTER = int(os.environ["KILL_AT"]), os.environ["KILL_AFTER"] == "1"
count = 0
record = durable._Recorder.record


def deadly(self, name, act):
    def perhaps():
        global count
        here, count = count == AT, count + 1
        if here and not AFTER:
            os.kill(os.getpid(), signal.SIGKILL)
        result = act()
        if here:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return record(self, name, perhaps)


durable._Recorder.record = deadly
sys.exit(main())
