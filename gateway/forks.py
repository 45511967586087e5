"""Base paths that several deployments share: the host, a header, the media type or a grant decides.

A call is led by what it says of itself. That is no trust: every branch judges it in full, and
`confirm` looks again once the caller is known.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from contracts import catalog
from gateway.paths import segments
from gateway.ports import RuntimePorts
from gateway.refusal import refused
from gateway.routes import Found, Routes, base_key
from policies.exchange import Exchange, Identity
from policies.routing import Routing, asked_version
from policies.snapshot import ContractPlan, Snapshot

if TYPE_CHECKING:
    from gateway.runtime import Target
    from gateway.wire.request import Request

_MAX_KNOWN = 4_096
_MAX_TOKEN = 16_384
_JWS_PARTS = 3


def forked_bases(snapshot: Snapshot) -> frozenset[str]:
    """Return the base paths where more than the path decides."""
    routed = (plan for plan in snapshot.contracts if plan.routing is not None)
    return frozenset(plan.base_path for plan in routed if not _plain(plan.routing))


def _plain(routing: Routing | None) -> bool:
    return routing is None or routing.plain


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """One deployment of a shared base path."""

    plan: ContractPlan
    routing: Routing
    routes: "Routes[Target]"

    def fits(self, host: str, fields: Mapping[str, str]) -> bool:
        """Tell whether host and headers are those of the branch."""
        match = self.routing.match
        if match.host is not None and match.host != host:
            return False
        return all(fields.get(name) == value for name, value in match.headers.items())


class Fork:
    """The branches of one base path."""

    def __init__(self, branches: Sequence[Branch]) -> None:
        self._branches = branches
        names = {name for branch in branches for name in branch.routing.match.headers}
        if any(branch.routing.match.media_version for branch in branches):
            names.add("accept")
        self.vary = ", ".join(sorted(names))

    def pick(self, request: "Request", pins: Mapping[str, str]) -> Branch | None:
        """Return the branch, None where none fits; `pins` are versions by contract.

        Raises `Refused` (version-not-offered).
        """
        fields = request.fields.joined
        host = _host(fields.get("host", ""))
        fitting = [branch for branch in self._branches if branch.fits(host, fields)]
        asked = _asked(fitting, fields)
        for branch in fitting:
            routing = branch.routing
            if asked is not None:
                if routing.match.media_version == asked:
                    return branch
            elif not (routing.default or routing.pinned or routing.match.media_version):
                return branch
        if asked is None:
            for branch in fitting:
                if pins.get(branch.plan.contract) == branch.plan.version:
                    return branch
            for branch in fitting:
                if branch.routing.default:
                    return branch
        versions = sorted({branch.routing.match.media_version or "" for branch in fitting} - {""})
        if versions:
            sentence = f"Ask for a version that is there by media type: {', '.join(versions)}."
            raise refused(catalog.VERSION_NOT_OFFERED, sentence, ("Vary", self.vary))
        return None


class Forks:
    """All base paths of a snapshot, those that are shared with their branches."""

    def __init__(
        self,
        snapshot: Snapshot,
        routes: "Routes[Target]",
        branches: "Iterable[tuple[ContractPlan, Routes[Target]]]",
    ) -> None:
        self._routes = routes
        grouped: dict[tuple[str, ...], list[Branch]] = {}
        for plan, own in branches:
            branch = Branch(plan, plan.routing or Routing(), own)
            grouped.setdefault(base_key(plan.base_path), []).append(branch)
        self._forks = {key: Fork(together) for key, together in grouped.items()}
        self._depths = sorted({len(key) for key in (*self._forks, *routes.bases)}, reverse=True)
        self._by_base = {plan.base_path: base_key(plan.base_path) for plan in snapshot.contracts}
        self._pins: dict[str, dict[str, str]] = {}
        for grant in snapshot.grants:
            if grant.version is not None:
                self._pins.setdefault(grant.application, {})[grant.contract] = grant.version
        self._key_headers = sorted(
            {
                str(rule.settings["key_header"])
                for plan in snapshot.contracts
                for operation in plan.operations
                for rule in operation.rules
                if "key_header" in rule.settings
            }
            if self._pins
            else ()
        )
        self._known: dict[bytes, tuple[Fork | None, ...]] = {}

    def find(self, method: str, request: "Request", ports: RuntimePorts) -> "Found[Target]":
        """Return the operation: of the longest base path where a deployment takes the call.

        Raises what `Routes.find` raises, and `Refused` (version-not-offered).
        """
        for fork in self._candidates(request.path):
            if fork is None:
                return self._routes.find(method, request.path)
            pins = self._pins_of(request, ports) if self._pins else {}
            branch = fork.pick(request, pins)
            if branch is not None:
                return branch.routes.find(method, request.path)
        sentence = "No deployed contract has this path for this host and header."
        raise refused(catalog.ROUTE_NOT_FOUND, sentence)

    def tell(self, exchange: Exchange) -> None:
        """Say by which headers the deployment was chosen, for caches on the way (RFC 9110 12.5.5)."""
        fork = self._forks.get(self._by_base[exchange.contract.base_path])
        if fork is not None and fork.vary:
            exchange.added_headers.append(("Vary", fork.vary))

    def confirm(self, request: "Request", exchange: Exchange) -> None:
        """Raise `Refused` (version-not-offered) where the verified caller belongs elsewhere.

        A token that cannot be read before it is judged (an opaque one) leads to no pinned version.
        """
        fork = self._forks.get(self._by_base[exchange.contract.base_path])
        routing = exchange.contract.routing
        if fork is None or not self._pins:
            return
        if exchange.application is None and not (routing is not None and routing.pinned):
            return  # open to everybody, so it does not matter who is led there
        branch = fork.pick(request, self._pins.get(exchange.application or "", {}))
        if branch is None or branch.plan is not exchange.contract:
            sentence = "The application's grant pins another version; ask for a version."
            raise refused(catalog.VERSION_NOT_OFFERED, sentence)

    def _candidates(self, raw_path: bytes) -> tuple[Fork | None, ...]:
        """Return the forks of the path, the longest first; None stands for what is not shared."""
        known = self._known.get(raw_path)
        if known is None:
            path = segments(raw_path)
            known = tuple(
                self._forks.get(path[:depth])
                for depth in self._depths
                if path[:depth] in self._forks or path[:depth] in self._routes.bases
            )
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[raw_path] = known
        return known

    def _pins_of(self, request: "Request", ports: RuntimePorts) -> Mapping[str, str]:
        return self._pins.get(self._claimed(request.fields.joined, ports), {})

    def _claimed(self, fields: Mapping[str, str], ports: RuntimePorts) -> str:
        """Return whom the call says it comes from; not verified where it is a token."""
        kind, _, token = fields.get("authorization", "").partition(" ")
        if kind.lower() in ("bearer", "dpop"):
            return _client_id(token.strip())
        for name in self._key_headers:
            if name in fields:
                caller = ports.verify_key(fields[name])
                return caller.application if isinstance(caller, Identity) else ""
        return ""


def _client_id(token: str) -> str:
    parts = token.split(".")
    if len(parts) != _JWS_PARTS or len(token) > _MAX_TOKEN:
        return ""
    try:
        text = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = orjson.loads(text)
    except (binascii.Error, ValueError):
        return ""
    name = claims.get("client_id") if isinstance(claims, dict) else None
    return name if isinstance(name, str) else ""


def _asked(fitting: Sequence[Branch], fields: Mapping[str, str]) -> str | None:
    if not any(branch.routing.match.media_version for branch in fitting):
        return None
    return asked_version(fields.get("accept", ""), fields.get("content-type", ""))


def _host(authority: str) -> str:
    """Return the host without its port, in lower case; an IPv6 address is nobody's name."""
    return authority.lower().rpartition(":")[0] if ":" in authority else authority.lower()
