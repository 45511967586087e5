"""What a wire case says, and how an outcome is held against it.

`send` and `answer` are steps of client and upstream; `then` says whether the connection stays
open; `upstream` what reached it: nothing, incomplete (no whole request), any, a number, or facts.
"""

import asyncio
import json
import re
from dataclasses import dataclass

import wire_message
from wire_bytes import expand
from wire_client import PATIENCE

PROBE = b"GET /-/health HTTP/1.1\r\nHost: probe\r\n\r\n"
_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT")
_HOP = ("keep-alive", "proxy-connection", "te", "trailer", "upgrade", "proxy-authorization")
_MEMBERS = {"name", "rfc", "note", "send", "answer", "answers", "replies", "then", "upstream", "closes_upstream", "tunnel", "links"}  # fmt: skip
_REPLY = {"status", "header", "body", "cut", "problem", "to", "interim"}


def _many(value):
    return value if isinstance(value, list) else [value]


def _matches(found, wanted):
    if wanted is True:
        return found is not None
    if isinstance(wanted, str) and wanted.startswith("~"):
        return found is not None and re.fullmatch(wanted[1:], found) is not None
    return found == wanted


class Case:
    """One entry of a case file, with the file's defaults under it."""

    def __init__(self, file, entry):
        facts = file.get("defaults", {}) | entry
        unknown = set(facts) - _MEMBERS - _REPLY
        assert not unknown, f"{entry['name']}: unknown members {unknown}"
        self.name, self.rfc = facts["name"], str(facts["rfc"])
        self.templates = file.get("templates", {})
        self.steps = _many(facts["send"])
        answers = facts.get("answers") or ([facts["answer"]] if "answer" in facts else [])
        self.answers = [_many(answer) for answer in answers]
        single = {key: facts[key] for key in _REPLY & set(facts)}
        self.replies = [
            Expected(reply)
            for entry in facts.get("replies", [single])
            for times in [entry.get("times", 1)]
            for reply in [{key: entry[key] for key in entry if key != "times"}] * times
        ]
        self.gateway = file.get("gateway", "wire")
        self.tunnel, self.links = facts.get("tunnel"), facts.get("links")
        good = all(reply.good for reply in self.replies)
        self.then = facts.get("then", "open" if good else "any")
        refused = all(reply.refused for reply in self.replies)
        self.upstream = facts.get("upstream", len(self.replies) if good else "nothing" if refused else "any")  # fmt: skip
        broken = all(reply.statuses & {502, 504} for reply in self.replies)
        self.closes_upstream = facts.get("closes_upstream", broken)

    @property
    def in_pieces(self):
        """Whether cutting this case proves something: patience and size are other cases' matter."""
        written = json.dumps([self.steps, self.answers])
        slow = any(word in written for word in ("stall", "pause", "trickle", "deaf"))
        return self.gateway == "wire" and not slow and not re.search(r"\*[0-9]{4,}}}", written)

    @property
    def methods(self):
        return [reply.to for reply in self.replies]


class Expected:
    """What one response must show; `status` may be a list, `none` stands for no byte at all."""

    def __init__(self, facts):
        assert set(facts) <= _REPLY, facts
        self.statuses = set(_many(facts["status"]))
        self.header = facts.get("header", {})
        self.body = facts.get("body")
        self.cut = facts.get("cut", False)
        self.to = facts.get("to", "GET")
        self.problem = facts.get("problem", self.to != "HEAD")
        self.interim = facts.get("interim", [])

    @property
    def good(self):
        return self.statuses <= set(range(200, 400))

    @property
    def either(self):
        return not self.good and min(map(str, self.statuses)) < "400"

    @property
    def refused(self):
        return self.statuses <= {*range(400, 500), 501, 503, 505, "none"}


@dataclass
class Verdict:
    """Collects what does not hold; a case fails with all of it."""

    wrong: list

    def check(self, holds, sentence):
        if not holds:
            self.wrong.append(sentence)

    def reply(self, message, expected):
        """Hold one final response against what is expected of it and of any."""
        self.check(message.status in expected.statuses, f"status {message.status}")
        if expected.cut and message.status < 400:
            self.check(not message.whole, "a broken answer came back as a whole one")
        else:
            self.check(message.whole, "the answer is not whole")
        self.check(_DATE.fullmatch(message.value("date") or ""), f"date {message.value('date')}")
        self.header(message, expected.header)
        if expected.body is not None and not (expected.either and message.status >= 400):
            self.check(message.body == expand(expected.body), f"body {message.body[:200]!r}")
        if message.status >= 400 and expected.problem:
            self.problem(message)
        if expected.interim != "any":
            interim = [entry.status for entry in message.interim]
            self.check(interim == expected.interim, f"interim {interim}")

    def problem(self, message):
        """RFC 9457: every refusal of the gateway's own is problem details."""
        self.check(message.value("content-type") == "application/problem+json", "no problem+json")
        try:
            status = json.loads(message.body)["status"]
        except (ValueError, KeyError):
            status = None
        self.check(status == message.status, f"problem of status {status}")

    def header(self, message, wanted):
        """`null` is absent, `~…` a pattern, `true` present in any form."""
        for name, value in wanted.items():
            found = message.value(name)
            self.check(_matches(found, value), f"{name}: {found!r}, expected {value!r}")

    def reached(self, upstream, wanted):
        """Hold what reached the upstream against the case, and against what holds for any."""
        for link in upstream.links:
            self.check(link.fault is None, f"malformed towards the upstream: {link.fault}")
        whole = [message for message in upstream.requests if message.whole]
        if wanted == "nothing":
            self.check(upstream.received == b"", f"reached: {upstream.received[:200]!r}")
        elif wanted == "incomplete":
            self.check(not whole, f"{len(whole)} whole requests reached the upstream")
        elif wanted != "any":
            facts = [{}] * wanted if isinstance(wanted, int) else _many(wanted)
            count = len(upstream.requests)
            if count == 0 and facts[0].get("maybe"):
                return
            self.check(count == len(facts), f"{count} requests reached the upstream")
            for message, fact in zip(upstream.requests, facts, strict=False):
                self.forwarded(message, fact)

    def forwarded(self, message, fact):
        """One request that reached the upstream."""
        self.check(message.whole, "the request did not reach the upstream whole")
        if "line" in fact:
            self.check(_matches(message.line, fact["line"]), f"request line {message.line!r}")
        if "body" in fact:
            self.check(message.body == expand(fact["body"]), f"forwarded {message.body[:200]!r}")
        hosts = [value for name, value in message.fields if name == "host"]
        self.check(len(hosts) == 1, f"Host towards the upstream: {hosts}")
        self.check(message.has("via"), "no Via towards the upstream")
        self.header(message, dict.fromkeys(_HOP) | fact.get("header", {}))


async def outcome(case, client, upstream):
    """Return what is wrong after the case's steps have been played; an empty list is good."""
    verdict = Verdict([])
    if case.tunnel is not None:
        await _through(verdict, case, client)
    else:
        found = await _collected(verdict, case, client)
        wanted = len(case.replies)
        if client.received or "none" not in case.replies[0].statuses:
            verdict.check(len(found) == wanted, f"{len(found)} responses instead of {wanted}")
        for message, expected in zip(found, case.replies, strict=False):
            verdict.reply(message, expected)
    if case.closes_upstream and upstream.links:
        gone = upstream.links[-1].gone
        verdict.check(await _within(gone), "the upstream connection stays open")
    verdict.reached(upstream, case.upstream)
    if case.links is not None:
        count = len(upstream.links)
        verdict.check(count == case.links, f"{count} connections to the upstream")
    return verdict.wrong


async def _collected(verdict, case, client):
    """Return every final response, after the connection has shown whether it stays open."""
    if client.gone:
        return client.finals()
    if "none" not in case.replies[0].statuses:
        await client.answers(len(case.replies))
    if case.then == "open":
        found = client.finals()
        return found + await _probed(verdict, client, len(found))
    if case.then == "any":
        client.half_close()
    await client.until(lambda: client.ended, PATIENCE if case.then == "closed" else 0.2)
    verdict.check(client.ended or case.then == "any", "the connection stays open")
    return client.finals()


async def _through(verdict, case, client):
    """Hold a tunnel's bytes, behind the head that opened it, against the case."""
    wanted = expand(case.tunnel)
    await client.until(lambda: client.received.endswith(b"\r\n\r\n" + wanted))
    opening, raw = wire_message.opening(client.received)
    verdict.check(opening.status == 101, f"status {opening.status}")
    verdict.header(opening, case.replies[0].header)
    verdict.check(raw == wanted, f"through the tunnel came {raw[:200]!r}")
    if case.then == "closed":
        await client.until(lambda: client.ended)
        verdict.check(client.ended, "the tunnel stays open")


async def _probed(verdict, client, count):
    """A connection that stays open answers one more request, and only that."""
    await client.send(PROBE)
    more = await client.answers(count + 1)
    probe = more[count:]
    verdict.check(
        len(probe) == 1 and probe[0].status == 200 and b'"ok"' in probe[0].body,
        "the connection does not serve a further request",
    )
    return probe[1:]


async def _within(event):
    try:
        await asyncio.wait_for(event.wait(), PATIENCE)
    except TimeoutError:
        return False
    return True
