"""The report in docs/compatibility.md is what the command prints of a vendor's real break."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "xero-projects"
PAGE = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")
BLOCK = re.search(r"^```text xero-projects\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1]
FINDING = json.loads(
    re.search(r"^```json xero-projects\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1]
)


def printed(folder, old, new, form="text"):
    (folder / "old.yaml").write_bytes(old)
    (folder / "new.yaml").write_bytes(new)
    return subprocess.run(
        [sys.executable, "-m", "registry.cli", "check", "new.yaml", "--against", "old.yaml", "--format", form],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "LANG": "C.UTF-8"},
    ).stdout  # fmt: skip


def test_the_page_shows_what_the_command_prints(tmp_path):
    if CORPUS.is_dir():
        old, new = (CORPUS / f"{day}.yaml" for day in ("2021-02-05", "2021-04-23"))
        assert printed(tmp_path, old.read_bytes(), new.read_bytes()) == BLOCK
        report = json.loads(printed(tmp_path, old.read_bytes(), new.read_bytes(), "json"))
        assert report["findings"][0] == FINDING
        return
    print(f"{CORPUS} is absent: the same change on an interface of our own")
    contract = """
openapi: 3.0.3
info: {{title: Time, version: {version}}}
paths:
  /Projects/{{projectId}}/Time:
    get:
      parameters: [{{name: projectId, in: path, required: true, schema: {{type: string}}}}]
      responses:
        '200':
          description: Time.
          content:
            application/json:
              schema:
                type: object
                properties:
                  items: {{type: array, items: {{type: object, properties: {{status: {{type: string, enum: [{values}]}}}}}}}}
"""
    old = contract.format(version="2.9.0", values="ACTIVE, LOCKED")
    new = contract.format(version="2.10.5", values="ACTIVE, LOCKED, INVOICED")
    text = printed(tmp_path, old.encode(), new.encode())
    witness = re.compile(r" {4}witness:.*?\n {8}\}\n", re.DOTALL)
    assert witness.search(text)[0] == witness.search(BLOCK)[0]
    (finding,) = json.loads(printed(tmp_path, old.encode(), new.encode(), "json"))["findings"]
    for member in FINDING.keys() - {"old", "new", "fingerprint"}:  # where it stands differs
        assert finding[member] == FINDING[member], member
