"""Which flows a change breaks, as the registry knows them: beside the report of `treaty check`."""

from pathlib import Path
from typing import Any

from contracts.errors import TreatyError
from contracts.flowuse import Hit, Use, hits
from contracts.formats import read
from contracts.ids import CONTRACT_ID
from contracts.report import Verdict
from registry.cli import credentials
from registry.cli.client import Client, segment
from registry.cli.judging import Judgement
from registry.cli.talk import Talk


def tell(talk: Talk, judged: Judgement, named: str | None) -> None:
    """Name the flows that the breaking findings are about; for a published OLD without being asked."""
    if not judged.olds or not judged.readable or judged.report.verdict is not Verdict.BREAKING:
        return
    old = judged.olds[-1]
    contract = named or _published(old.source)
    if contract is None:
        return
    try:
        found = _asked(contract)
        hit = hits(found, judged.report, read(old.content, source=old.source))
    except TreatyError as error:
        talk.say(f"flows: not asked ({error.problem.detail})")
        return
    for each in hit:
        talk.say(_sentence(each))
    if not hit:
        talk.say(f"flows: {len(found)} use {contract}, none of them what breaks")


def _published(source: str) -> str | None:
    """Return the contract id, where OLD came from the registry."""
    name, at, _ = source.partition("@")
    return name if at and CONTRACT_ID.fullmatch(name) else None


def _asked(contract: str) -> list[Use]:
    found = credentials.require(Path.cwd())
    with Client(found.url, found.token) as client:
        items: list[dict[str, Any]] = client.get(f"/v1/contracts/{segment(contract)}/uses").json()[
            "items"
        ]
    return [
        Use(
            **{**item, "operations": tuple(item["operations"]), "mappings": tuple(item["mappings"])}
        )
        for item in items
    ]


def _sentence(hit: Hit) -> str:
    use = hit.use
    operations = ", ".join(hit.operations) or "every operation"
    runs = f", {use.open_runs} open runs" if use.open_runs else ""
    mappings = f"; mappings {', '.join(use.mappings)}" if use.mappings else ""
    state = "" if use.live else ", no longer live"
    return f"flow {use.flow} {use.flow_version} breaks at {operations} ({hit.findings} findings{runs}{state}{mappings})"
