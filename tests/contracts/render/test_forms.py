"""The forms for tools and browsers: valid whatever a stranger's document holds."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from contracts.compat.rulebook import entries
from contracts.document import Place
from contracts.formats.yaml import parse
from contracts.render import FORMS, render
from contracts.render.markup import element, join, prose
from contracts.report import Bump, Certainty, Direction, Effect, Finding, Level, Report, Verdict

SHAPES = parse((Path(__file__).parent / "shapes.yaml").read_bytes(), source="shapes.yaml").root
NASTY = "</script><script>alert(1)</script>\x1b[2J\x00\u2028\u202e::error::%0A]]>&\"'`|@a](http://x)\r\n\ufffe"
HALF = "\ud800"  # a name of a file need not be UTF-8; pointers come from texts that are


def finding(text=NASTY, *, half=HALF, level=Level.ERROR, **more):
    place = Place(f"/paths/{text}", f"{text}{half}.yaml", 3, 5)
    witness = {
        "kind": "request",
        "value": {text: [text]},
        "accepted_by": "old",
        "rejected_by": "new",
    }
    made = {
        "rule": "operation-removed", "level": level, "direction": Direction.REQUEST,
        "effect": Effect.NARROWS, "message": f"it is gone: {text}{half}", "old": place, "new": place,
        "operation": f"GET /{text}", "fix": text, "witness": witness, "certainty": Certainty.PROVEN,
    }  # fmt: skip
    return Finding(**(made | more))


def report(*findings, verdict=Verdict.BREAKING):
    versions = {"old_version": NASTY, "new_version": "2.0.0"}
    return Report(verdict, Bump.MAJOR, findings, stats={"seconds": 0.1, "nodes": 1}, **versions)


FULL = report(
    finding(),
    finding("plain", half="", waived=True, waiver={"reason": NASTY, "owner": "a", "approver": "b", "expires": "2027-01-01"}),
    finding("suspected", level=Level.WARNING, certainty=Certainty.SUSPECTED, witness=None),
    finding("open", level=Level.WARNING, certainty=Certainty.UNDECIDED, old=None, new=None, operation=""),
    finding("noted", level=Level.INFO, witness=None, old=None),
)  # fmt: skip
EMPTY = report(verdict=Verdict.COMPATIBLE)


class Page(HTMLParser):
    """Collects what a browser would act on; refuses wrong nesting."""

    VOID = ("meta", "br", "hr")

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words, self.ids = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)


@pytest.mark.parametrize("made", [FULL, EMPTY], ids=["full", "empty"])
def test_the_page_asks_nobody_and_runs_nothing(made):
    page = Page(render(made, "html"))
    known = {
        "html", "head", "meta", "title", "style", "body", "header", "section", "article", "footer",
        "h1", "h2", "h3", "p", "ul", "li", "b", "span", "code", "pre", "dl", "dt", "dd", "details",
        "summary",
    }  # fmt: skip
    assert {tag for tag, _ in page.tags} <= known
    for _, attributes in page.tags:
        assert set(attributes) <= {
            "class", "id", "lang", "charset", "name", "content", "http-equiv",
        }  # fmt: skip
    style = render(made, "html").partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    policy = next(a["content"] for t, a in page.tags if a.get("http-equiv"))
    assert "default-src 'none'" in policy
    assert "prefers-color-scheme:dark" in style
    assert "@media print" in style
    assert any(a.get("name") == "viewport" for _, a in page.tags)


def test_the_page_tells_everything_about_a_finding():
    page = Page(render(report(finding("thing", half="")), "html"))
    words = " ".join("".join(page.words).split())
    for told in (
        "Breaking", "1 error", "operation-removed", "it is gone: thing", "thing.yaml:3:5",
        "/paths/thing", "Witness: a request that old accepts and new rejects", "GET /thing",
    ):  # fmt: skip
        assert told in words
    assert "<script" not in render(FULL, "html")


def test_sarif():
    log = json.loads(render(FULL, "sarif"))
    assert_shape("sarif", log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result, found in zip(run["results"], FULL.findings, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == found.rule
        assert result["partialFingerprints"] == {"treaty/v1": found.fingerprint}
        assert result["properties"]["certainty"] == found.certainty
        assert ("suppressions" in result) is found.waived
    assert entries()["operation-removed"].why in rules[0]["help"]["text"]
    uri = run["results"][1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri) == "plain.yaml"
    assert_shape("sarif", json.loads(render(EMPTY, "sarif")))


def test_gitlab():
    entries_made = json.loads(render(FULL, "gitlab"))
    assert_shape("gitlab", entries_made)
    assert [each["fingerprint"] for each in entries_made] == [f.fingerprint for f in FULL.findings]
    assert [each["severity"] for each in entries_made] == [
        "critical", "info", "minor", "minor", "info",
    ]  # fmt: skip
    assert json.loads(render(EMPTY, "gitlab")) == []


@pytest.mark.parametrize("verdict", Verdict)
def test_junit(verdict):
    made = Report(verdict, Bump.MAJOR, FULL.findings)
    root = ET.fromstring(render(made, "junit").encode())
    (suite,) = root
    cases = suite.findall("testcase")
    assert all(case.get("name") and case.get("classname") for case in cases)
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(name)) == len(suite.findall(f"testcase/{tag}")) == int(root.get(name))
    assert int(suite.get("tests")) == len(cases) == len(FULL.findings) + 1
    broken = suite.findall("testcase[@name='verdict']/*")
    tags = {"breaking": "failure", "undecided": "error", "compatible": "system-out"}
    assert [each.tag for each in broken] == [tags[verdict]]
    names = [case.get("name") for case in cases]
    assert len(set(names)) == len(names)


def test_github_commands_are_lines_of_their_own():
    lines = render(FULL, "github").removesuffix("\n").split("\n")
    assert len(lines) == len(FULL.findings) + 1
    for line in lines[:-1]:
        match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert match
        keys = [part.partition("=")[0] for part in match[2].split(",")]
        assert keys in (["file", "line", "col", "title"], ["title"])
    assert lines[-1].startswith("treaty: breaking")


@given(st.text(max_size=40))
def test_no_text_breaks_a_form(text):
    made = report(finding(text))
    shown = {form: render(made, form) for form in FORMS}
    for form, page in shown.items():
        page.encode(errors="strict" if form != "json" else "backslashreplace")
        if form != "json":
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]", page), (
                form
            )
    ET.fromstring(shown["junit"].encode())
    Page(shown["html"])
    assert_shape("sarif", json.loads(shown["sarif"]))
    assert_shape("gitlab", json.loads(shown["gitlab"]))
    assert shown["github"].count("\n") == 2


def test_many_findings_do_not_make_an_endless_page():
    many = [finding(f"t{number}", witness=None) for number in range(2_100)]
    page = render(report(*many), "html")
    assert "100 more places are not shown" in page


def test_elements_escape_what_is_not_theirs():
    assert element("b", "<i>", title='"') == '<b title="&quot;">&lt;i&gt;</b>'
    assert join(element("i", "x"), None, "&") == "<i>x</i>&amp;"
    assert prose("a `b<` c") == "a <code>b&lt;</code> c"
    assert prose("a ` b") == "a ` b"


def assert_shape(name, value):
    errors = [
        error.message[:200] for error in Draft202012Validator(SHAPES[name]).iter_errors(value)
    ]
    assert errors == []
