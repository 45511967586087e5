"""A folder as inputs: what is taken for what, and every mistake with its place."""

import hashlib
import json
from pathlib import Path

import pytest

from contracts.errors import TreatyError
from contracts.formats import yaml
from policies.compile import compile_with_warnings
from policies.folder.reading import inputs

CASES = yaml.parse(
    (Path(__file__).parent / "cases" / "folder" / "mistakes.yaml").read_bytes(), source="mistakes"
).root
DIGEST = hashlib.sha256(b"key").hexdigest()
CONTRACT = json.dumps(
    {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1.0.0"},
        "paths": {"/orders": {"get": {"responses": {"200": {"description": "All of them."}}}}},
    }
)
DEPLOYED = "deployments: [{contract: o, file: o.json, upstream: 'http://u.example'}]\n"


def folder(files):
    return inputs(
        {
            path: (CONTRACT if text == "contract" else text.replace("{digest}", DIGEST)).encode()
            for path, text in files.items()
        }
    )


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_mistakes(case):
    with pytest.raises(TreatyError) as refused:
        folder(case["files"])
    found = [
        (f"{wrong.file}:{wrong.line}:{wrong.column}", wrong.detail)
        for wrong in refused.value.problem.errors
    ]
    expected = [tuple(wrong.split(" ", 1)) for wrong in case["wrong"]]
    assert [at for at, _ in found] == [at for at, _ in expected]
    for (_, detail), (_, says) in zip(found, expected, strict=True):
        assert says in detail


def test_parts_of_a_world_come_from_files_and_documents_alike():
    parts = "environment: prod\n", "applications: [{id: p}]\n", "plans: [{name: s}]\n", DEPLOYED
    apart = folder({f"{n}.yaml": part for n, part in enumerate(parts)} | {"o.json": "contract"})
    together = folder({"a.yaml": "---\n".join(parts), "o.json": "contract"})
    assert compile_with_warnings(apart) == compile_with_warnings(together)
    assert [a.id for a in together.applications] == ["p"]


def test_what_editors_and_the_compiler_leave_in_a_folder_is_no_mistake():
    files = {"a.json": '{"$schema": "folder.json", "environment": "prod"}', "o.json": "contract"}
    snapshot = compile_with_warnings(folder({**files, "d.yaml": DEPLOYED})).snapshot
    left = {"snapshot.json": snapshot.write().decode(), "keys.json": '{"keys": []}', "no.yaml": ""}
    again = compile_with_warnings(folder({**files, "d.yaml": DEPLOYED, **left})).snapshot
    assert again == snapshot
    assert snapshot.environment == "prod"


def test_a_contract_that_nobody_deploys_is_only_looked_at():
    assert folder({"o.json": "contract"}).deployments == ()
    with pytest.raises(TreatyError, match=r"a\.yaml:2:1"):
        # What looks like a contract from afar is a world when it is read.
        folder({"a.yaml": "environment: prod\nopenapi: 3.1.0\n"})
