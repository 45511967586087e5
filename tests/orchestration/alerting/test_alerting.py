"""Alerts: told once for a cause, again when it is over, to each channel; none lost, none twice."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flow_world import deployed
from hook_world import mail_server, receiver
from pydantic import ValidationError
from registry_world import DATABASES, database
from sqlalchemy import select

from orchestration.alerting.settings import AlertSettings
from orchestration.alerting.watch import Watch
from orchestration.runs.relaying import signature
from registry.db.engine import make_engine, transaction
from registry.db.migrate import migrate
from registry.db.models import Alert, FlowException, Run

NOW = datetime(2026, 3, 28, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(params=DATABASES)
def engine(request, tmp_path):
    with database(request.param, tmp_path) as url:
        engine = make_engine(url)
        migrate(engine)
        deployed(engine)  # deal-to-invoice, criticality high, SLA 4h
        yield engine
        engine.dispose()


def held(engine, count=1, cause="c1", **given):
    row = {
        "flow": "deal-to-invoice", "run": "r", "step": "invoice", "category": "outage",
        "sentence": "erp.createInvoice answered 500", "owner": "finance", "due_at": NOW + HOUR,
        "amount": "3.30", "currency": "EUR", "state": "open", "opened_at": NOW, "last_at": NOW,
        "history": [], "cause": cause,
    } | given  # fmt: skip
    with transaction(engine, writes=True) as session:
        session.add_all(FlowException(business_key=f"D{n}", **row) for n in range(count))


def heal(engine):
    with transaction(engine, writes=True) as session:
        for row in session.scalars(select(FlowException)):
            row.state = "resolved"


def watch(engine, url, **rule):
    rules = {"held": {"when": "exception", "to": ["hook"]} | rule}
    channels = {"hook": {"style": "webhook", "url": url, "secret": {"env": "HOOK_SECRET"}}}
    return Watch(AlertSettings.model_validate({"rules": rules, "channels": channels}), engine)


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("HOOK_SECRET", "known to both")


def told(hook):
    return [(each["type"], each["subject"]) for each in hook.got]


def test_a_storm_is_one_alert_and_one_all_clear(engine):
    with receiver() as hook:
        alerts = watch(engine, hook.url)
        held(engine, 40)
        assert [alerts.tick(NOW), alerts.tick(NOW + HOUR)] == [1, 0]
        held(engine, 5)
        assert alerts.tick(NOW + HOUR) == 0
        heal(engine)
        assert [alerts.tick(NOW + HOUR), alerts.tick(NOW + 60 * HOUR)] == [1, 0]
    assert told(hook) == [("alert.firing", "c1"), ("alert.resolved", "c1")]
    assert hook.got[0]["sentence"] == (
        "40 of deal-to-invoice held at invoice (outage): erp.createInvoice answered 500"
        " For finance, 132.00 EUR at stake."
    )
    head, body = hook.heads[0]
    sent = {name.lower(): value for name, value in head.items()}
    expected = signature("known to both", sent["webhook-id"], int(sent["webhook-timestamp"]), body)
    assert sent["webhook-signature"] == expected["webhook-signature"]


def test_what_lasts_is_told_again_and_what_comes_back_too(engine):
    with receiver() as hook:
        alerts = watch(engine, hook.url, again="2h")
        held(engine)
        assert [alerts.tick(NOW), alerts.tick(NOW + HOUR), alerts.tick(NOW + 2 * HOUR)] == [1, 0, 1]
        heal(engine)
        assert alerts.tick(NOW + 3 * HOUR) == 1
        held(engine)
        assert alerts.tick(NOW + 4 * HOUR) == 1
    assert [kind for kind, _ in told(hook)] == [
        "alert.firing", "alert.firing", "alert.resolved", "alert.firing",
    ]  # fmt: skip


def test_a_receiver_in_trouble_is_asked_again(engine):
    with receiver() as hook:
        hook.troubles = [503]
        alerts = watch(engine, hook.url)
        held(engine)
        assert [alerts.tick(NOW), alerts.tick(NOW)] == [1, 0]
        with transaction(engine, writes=False) as session:
            (row,) = session.scalars(select(Alert)).all()
            assert (row.told, row.reason, row.attempts) == ("", "answered 503", 1)
        assert alerts.tick(NOW + HOUR) == 1
    assert told(hook) == [("alert.firing", "c1")]


def test_what_is_over_before_anybody_was_told_is_not_told(engine):
    with receiver() as hook:
        hook.troubles = [503]
        alerts = watch(engine, hook.url)
        held(engine)
        alerts.tick(NOW)
        heal(engine)
        alerts.tick(NOW + HOUR)
        assert (alerts.tick(NOW + 2 * HOUR), told(hook)) == (0, [])


def test_two_workers_tell_it_once(engine):
    with receiver() as hook:
        held(engine)
        watch(engine, hook.url).tick(NOW - timedelta(days=1))  # keeps the row, tells it once
        hook.got.clear()
        several = [watch(engine, hook.url, again="1d") for _ in range(4)]
        threads = [threading.Thread(target=each.tick, args=(NOW,)) for each in several]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(hook.got) == 1


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"when": "overdue"}, None),
        ({"when": "overdue", "before": "2h"}, "1 of deal-to-invoice held at invoice"),
        ({"when": "overdue", "before": "2h", "flows": ["other-*"]}, None),
        ({"when": "exception", "criticality": ["low"]}, None),
        ({"when": "late"}, "1 runs of deal-to-invoice have not ended within 4h"),
        ({"when": "metric", "metric": "unresolved-exceptions", "above": "0"}, "1 exceptions, above 0"),
        ({"when": "metric", "metric": "unresolved-exceptions", "below": "1"}, None),
        ({"when": "metric", "metric": "unresolved-exceptions", "above": "0", "for": "1h"}, None),
    ],
)  # fmt: skip
def test_rules(engine, rule, sentence):
    held(engine)
    begun = NOW - 5 * HOUR
    with transaction(engine, writes=True) as session:
        session.add(
            Run(
                flow="deal-to-invoice", version="1.0.0", digest="d", business_key="D1", source="s",
                event_id="1", event={}, state="waiting", journal={}, resume_at=NOW,
                started_at=begun, changed_at=begun,
            )
        )  # fmt: skip
    with receiver() as hook:
        watch(engine, hook.url, **rule).tick(NOW)
    assert [sentence in each["sentence"] for each in hook.got] == ([True] if sentence else [])


def test_a_figure_that_stays_beyond_its_limit_is_told(engine):
    with receiver() as hook:
        rule = {"when": "metric", "metric": "unresolved-exceptions", "above": "0", "for": "1h"}
        alerts = watch(engine, hook.url, **rule)
        held(engine)
        assert [alerts.tick(NOW), alerts.tick(NOW + HOUR)] == [0, 1]


def test_slack_and_mail(engine, monkeypatch):
    with receiver() as hook, mail_server() as (port, mails):
        monkeypatch.setenv("SLACK_URL", hook.url)
        settings = AlertSettings.model_validate({
            "rules": {"held": {"when": "exception", "to": ["slack", "mail"]}},
            "channels": {
                "slack": {"style": "slack", "url": {"env": "SLACK_URL"}},
                "mail": {"style": "email", "host": "127.0.0.1", "port": port, "tls": "none",
                         "sender": "treaty@firm.example", "to": ["kim@firm.example"]},
            },
        })  # fmt: skip
        held(engine, sentence="a <b> & c")
        assert Watch(settings, engine).tick(NOW) == 2
    assert hook.got[0]["text"].startswith("[ALERT] held: 1 of deal-to-invoice")
    assert "a &lt;b&gt; &amp; c" in hook.got[0]["text"]
    (mail,) = mails
    assert "Subject: [Treaty] firing: held" in mail
    assert "To: kim@firm.example" in mail
    assert "3.30 EUR at stake" in mail.replace("=\r\n", "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rules": {"a": {"when": "late", "to": ["x"]}}}, "there is no channel 'x'"),
        ({"rules": {"a": {"when": "metric", "metric": "m", "to": ["x"]}}}, "say `above` or `below`"),
        ({"channels": {"m": {"style": "email", "host": "h", "tls": "none", "sender": "a@b",
                             "to": ["a@b"], "password": {"env": "P"}}}}, "without TLS"),
        ({"channels": {"m": {"style": "email", "host": "h", "sender": "a@b\nBcc: c@d", "to": ["a@b"]}}},
         "sender"),
    ],
)  # fmt: skip
def test_mistakes_in_settings_are_told(given, said):
    with pytest.raises(ValidationError, match=said):
        AlertSettings.model_validate(given)
