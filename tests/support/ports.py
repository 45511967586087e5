"""Ports for servers that a test starts as processes of their own.

They lie below the range from which the system hands out ports, so that neither a connection nor a
listener on port 0 of a test beside this one takes them between the choice and the start.
"""

import itertools
import os
import socket

FIRST, COUNT = 10_000, 20_000  # the system hands out 32768 and above
_NUMBERS = itertools.count(os.getpid() * 211)  # another place in each process that runs tests


def free_ports(count):
    found = []
    while len(found) < count:
        port = FIRST + next(_NUMBERS) % COUNT
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
    return found


def free_port():
    return free_ports(1)[0]
