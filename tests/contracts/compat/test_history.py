"""One judgement out of many: the worst stands, and a finding says whom it concerns."""

from hypothesis import given
from hypothesis import strategies as st

from contracts import readback
from contracts.compat.history import Towards, combine
from contracts.compat.run import compare
from contracts.compat.severity import RANK
from contracts.document import Place
from contracts.formats import read
from contracts.report import Bump, Direction, Effect, Finding, Level, Report, Verdict


def finding(rule, level):
    place = Place(f"/{rule}", "x.yaml", 1, 1)
    return Finding(rule, level, Direction.REQUEST, Effect.NARROWS, f"{rule} here", place, place)


FINDINGS = st.lists(
    st.builds(finding, st.sampled_from("abc"), st.sampled_from(list(Level))),
    unique_by=lambda each: each.rule,
    max_size=3,
)
REPORTS = st.builds(
    Report, st.sampled_from(list(Verdict)), st.sampled_from(list(Bump)), FINDINGS.map(tuple),
    stats=st.just({"nodes": 1}),
)  # fmt: skip


@given(st.lists(REPORTS, min_size=1, max_size=5))
def test_the_worst_stands_and_nothing_is_lost(reports):
    judged = [Towards(f"{len(reports) - at}.0.0", report) for at, report in enumerate(reports)]
    whole = combine(judged)
    order = (Verdict.COMPATIBLE, Verdict.UNDECIDED, Verdict.BREAKING)
    assert order.index(whole.verdict) == max(order.index(each.verdict) for each in reports)
    assert whole.stats["nodes"] == len(reports)
    levels = [RANK[each.level] for each in whole.findings]
    assert levels == sorted(levels)
    for report in reports:
        for each in report.findings:
            kept = next(f for f in whole.findings if f.fingerprint == each.fingerprint)
            assert RANK[kept.level] <= RANK[each.level]


def test_a_finding_names_the_versions_that_it_concerns():
    quiet = Report(Verdict.COMPATIBLE, Bump.NONE, ())
    loud = Report(Verdict.BREAKING, Bump.MAJOR, (finding("a", Level.ERROR),))
    mild = Report(Verdict.COMPATIBLE, Bump.MINOR, (finding("a", Level.INFO),))
    judged = [Towards("2", quiet), *(Towards(name, loud) for name in ("1.4", "1.3", "1.2", "1.1"))]
    assert combine(judged).findings[0].message == "a here (towards 1.4, 1.3, 1.2 and 1 more)"
    shared = combine([Towards("2", loud), Towards("1", loud)])
    assert shared.findings[0].message == "a here"
    worse = combine([Towards("2", mild), Towards("1", loud)])
    assert (worse.findings[0].level, worse.findings[0].message) == (
        Level.ERROR, "a here (towards 1)",
    )  # fmt: skip


def test_a_report_is_read_back_as_it_was_written():
    texts = [
        b"$schema: https://json-schema.org/draft/2020-12/schema\ntype: %s" % kind
        for kind in (b"[string, number]", b"string")
    ]
    report = compare(*(read(text, source="x.yaml") for text in texts))
    assert report.findings
    assert readback.report(report.as_json()) == report
