"""What the benchmarks share: a result file, and the CPU time of a process."""

import json
import os
import platform
from pathlib import Path

OUT = Path(__file__).parent / "out"


def cpu_seconds(pid):
    """User and system time of a process so far (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def save(name, rows):
    """Print the rows and write them to benchmarks/out/<name>.json."""
    OUT.mkdir(exist_ok=True)
    facts = {"python": platform.python_version(), "cores": os.cpu_count(), "rows": rows}
    (OUT / f"{name}.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(f"\n{name}")
    for row in rows:
        print("  " + "  ".join(f"{key} {value}" for key, value in row.items()))
