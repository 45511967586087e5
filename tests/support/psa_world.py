"""A small governed world: the shipped PSA contract, and ports that live in memory."""

from dataclasses import dataclass, field

import pytest

from contracts import library
from contracts.formats import read
from gateway.places import Places
from gateway.ports import Counters
from gateway.shelf import Shelf
from policies.compile import compile_with_warnings
from policies.conditions.building import build as build_condition
from policies.exchange import Exchange, Identity, Rejected
from policies.inputs import Deployed, Inputs
from policies.kinds import KINDS
from policies.load import load
from policies.snapshot import GrantPlan, LimitPlan, UsagePlan

NOW = 1_800_000_000.0
PSA = "systems/psa.projects-2.0.0.yaml"


@dataclass
class MemoryPorts:
    clock: float = NOW
    tokens: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)
    proofs: dict = field(default_factory=dict)
    grants: dict = field(default_factory=dict)
    plans: dict = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)
    stores: dict = field(default_factory=lambda: {"replies": Shelf(), "cache": Shelf()})
    places: Places = field(default_factory=Places)

    def now(self):
        return self.clock

    def take(self, limits):
        return self.counters.take(limits, self.clock)

    def enter(self, key, limit):
        return self.places.enter(key, limit)

    def leave(self, key):
        self.places.leave(key)

    def verify_token(self, token, skew_seconds, issuers=None):
        return self.tokens.get(token, Rejected("The token has expired."))

    def verify_key(self, key):
        return self.keys.get(key, Rejected("The key is not known."))

    def check_proof(self, proof):
        return self.proofs.pop(
            proof.text, Rejected("The proof is wrong.", error="invalid_dpop_proof")
        )

    def proof_nonce(self):
        return "nonce-1"

    def grant(self, application, contract):
        return self.grants.get((application, contract))

    def pseudonym(self, text):
        return f"pseudonym-{len(text)}"

    def plan(self, name):
        return self.plans.get(name)

    def store(self, name):
        return self.stores[name]


def deployed(**changes):
    contract = read(library.text(PSA), source="psa.yaml")
    facts = {
        "contract_id": "psa.projects", "version": "2.0.0", "contract": contract,
        "state": "published", "base_path": "/psa/projects/v2", "upstream": "http://127.0.0.1:1",
    }  # fmt: skip
    return Deployed(**(facts | changes))


def compiled(policies=b"", issuers=(), **changes):
    written = load(policies, source="policies.yaml")
    inputs = Inputs("demo", (deployed(**changes),), written, issuers=issuers)
    return compile_with_warnings(inputs)


@dataclass
class World:
    """Runs one call through the rules of one operation, as the gateway does."""

    ports: MemoryPorts
    snapshot: object

    def exchange(self, operation, headers, length=None):
        plan = self.snapshot.contracts[0]
        found = next(entry for entry in plan.operations if entry.name == operation)
        return Exchange(
            found.method, found.path, "", headers, "127.0.0.1", "r-1", plan, found,
            request_length=length,
        )  # fmt: skip

    def rules(self, exchange):
        return [(rule, KINDS[rule.kind].build(rule.settings)) for rule in exchange.operation.rules]

    def call(self, operation="getProject", headers=None, length=None):
        exchange = self.exchange(operation, headers or {}, length)
        for rule, enforcer in self.rules(exchange):
            if rule.when is not None and not build_condition(rule.when, self.ports.now)(exchange):
                continue
            denial = enforcer.on_request(exchange, self.ports)
            if denial is not None:
                return exchange, rule, denial
        return exchange, None, None

    def answer(self, exchange, status, headers, body):
        exchange.status, exchange.response_headers, exchange.response_body = status, headers, body
        for rule, enforcer in self.rules(exchange):
            if rule.when is not None and not build_condition(rule.when, self.ports.now)(exchange):
                continue
            denial = enforcer.on_response(exchange, self.ports)
            if denial is not None:
                return denial
        return None


@pytest.fixture
def world():
    def build(policies=b"", **changes):
        ports = MemoryPorts()
        for name, scopes in {
            "reader": ["projects.read"],
            "writer": ["projects.write"],
            "people": ["projects.read", "projects.personal"],
            "everything": ["projects.read", "projects.personal", "projects.costs"],
            "stranger": ["projects.read"],
            "late": ["projects.read"],
        }.items():
            ports.tokens[name] = Identity(name, frozenset(scopes), {"sub": name})
            ports.keys[f"key-{name}"] = Identity(name, frozenset(scopes), {})
            if name != "stranger":
                ends = int(NOW) - 1 if name == "late" else None
                ports.grants[name, "psa.projects"] = GrantPlan(
                    application=name, contract="psa.projects", plan="small",
                    scopes=tuple(scopes), expires_at=ends,
                )  # fmt: skip
        limit = LimitPlan(name="calls", quota=3, window_seconds=6)
        ports.plans["small"] = UsagePlan(name="small", limits=(limit,))
        return World(ports, compiled(policies, **changes).snapshot)

    return build
