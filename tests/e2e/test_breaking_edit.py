"""The newcomer's story, step 3: a breaking edit is explained, and refused at publish."""

import json

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


@pytest.fixture
def edited(treaty):
    text = treaty.run("contracts", "content", "psa.projects").stdout
    path = treaty.folder / "new.yaml"
    # The path is gone for every consumer that calls it.
    path.write_text(text.replace("  /resources:\n", "  /people:\n", 1))
    return path


def test_check_says_what_breaks_where_and_why(treaty, edited):
    done = treaty.run("check", "new.yaml", "--against", "psa.projects", code=1)
    assert "GET /resources" in done.stdout
    assert "/paths/~1resources" in done.stdout
    assert "breaking" in (done.stdout + done.stderr).lower()
    report = json.loads(
        treaty.run(
            "check", "new.yaml", "--against", "psa.projects", "--format", "json", code=1
        ).stdout
    )
    assert report["verdict"] == "breaking"
    assert report["required_bump"] == "major"
    broken = [finding for finding in report["findings"] if finding["level"] == "error"]
    assert broken[0]["old"]["line"] > 1
    assert broken[0]["old"]["column"] >= 1


def test_publish_refuses_the_same_version_with_other_bytes(treaty, edited):
    done = treaty.run("publish", "new.yaml", "--contract", "psa.projects", code=1)
    assert "2.0.0" in done.stdout + done.stderr


def test_publish_refuses_a_break_unless_it_is_a_new_major(treaty, edited):
    text = edited.read_text()
    edited.write_text(text.replace("version: 2.0.0", "version: 2.1.0", 1))
    assert edited.read_text() != text
    done = treaty.run("publish", "new.yaml", "--contract", "psa.projects", code=1)
    assert "3.0.0" in done.stdout + done.stderr
    edited.write_text(text.replace("version: 2.0.0", "version: 3.0.0", 1))
    treaty.run("publish", "new.yaml", "--contract", "psa.projects")
    assert (
        "no change"
        in treaty.run("publish", "new.yaml", "--contract", "psa.projects").stderr.lower()
    )
