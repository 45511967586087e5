"""Ways to tell people: a signed webhook, a Slack-shaped one, a mail. Each returns why it failed, or None.

To add one: its settings, a function here, a line in `SENDERS`.
"""

import json
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any

import httpx2

from orchestration.alerting.settings import EmailChannel, SlackChannel, WebhookChannel
from orchestration.runs.relaying import signature

_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Message:
    """What is told: a trouble that has come, that lasts, or that is over."""

    id: str
    rule: str
    state: str  # firing | resolved
    subject: str
    sentence: str
    since: datetime
    at: datetime

    def as_json(self) -> dict[str, str]:
        """Return the members of a webhook's body."""
        return {
            "type": f"alert.{self.state}", "rule": self.rule, "subject": self.subject,
            "sentence": self.sentence, "since": self.since.isoformat(), "at": self.at.isoformat(),
        }  # fmt: skip

    @property
    def line(self) -> str:
        """Return the message in one line."""
        mark = "ALERT" if self.state == "firing" else "over"
        return f"[{mark}] {self.rule}: {self.sentence}"


def webhook(channel: WebhookChannel, message: Message) -> str | None:
    """Send a signed JSON body."""
    body = json.dumps(message.as_json(), ensure_ascii=False).encode()
    signed = signature(channel.secret.value(), message.id, int(message.at.timestamp()), body)
    return _posted(channel.url, body, {"content-type": "application/json", **signed})


def slack(channel: SlackChannel, message: Message) -> str | None:
    """Send `{"text": …}`; angle brackets and ampersands are escaped as Slack asks."""
    text = message.line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    body = json.dumps({"text": text}, ensure_ascii=False).encode()
    return _posted(channel.url.value(), body, {"content-type": "application/json"})


def email(channel: EmailChannel, message: Message) -> str | None:
    """Send a mail; its id is the message's, so that a repetition is recognised."""
    mail = EmailMessage()
    mail["Subject"] = f"[Treaty] {message.state}: {message.rule}"
    mail["From"], mail["To"] = channel.sender, ", ".join(channel.to)
    mail["Message-ID"] = f"<{message.id}@{channel.sender.partition('@')[2]}>"
    mail.set_content(f"{message.sentence}\n\nSince {message.since.isoformat()}.\n")
    context = ssl.create_default_context()
    kind = smtplib.SMTP_SSL if channel.tls == "tls" else smtplib.SMTP
    given: dict[str, Any] = {"context": context} if channel.tls == "tls" else {}
    try:
        with kind(channel.host, channel.port, timeout=_SECONDS, **given) as server:
            if channel.tls == "starttls":
                server.starttls(context=context)
            if channel.user and channel.password:
                server.login(channel.user, channel.password.value())
            server.send_message(mail)
    except (OSError, smtplib.SMTPException) as error:
        return f"the mail server refuses or is away ({type(error).__name__})"
    return None


SENDERS: Mapping[str, Callable[[Any, Message], str | None]] = {
    "webhook": webhook,
    "slack": slack,
    "email": email,
}


def _posted(url: str, body: bytes, headers: Mapping[str, str]) -> str | None:
    try:
        with httpx2.Client(timeout=_SECONDS, trust_env=False, follow_redirects=False) as client:
            status = client.post(url, content=body, headers=dict(headers)).status_code
    except httpx2.HTTPError as error:
        return f"does not answer ({type(error).__name__})"
    return None if 200 <= status < 300 else f"answered {status}"  # noqa: PLR2004  # RFC 9110 section 15.3
