"""Calls and answers judged by a contract: cases in, pointers of mistakes out."""

from pathlib import Path

import pytest
import yaml
from psa_world import deployed

from contracts.formats import read
from gateway.ports import Shared
from gateway.runtime import build
from policies.compile import compile as compile_snapshot
from policies.exchange import Exchange
from policies.inputs import Inputs
from policies.load import load

HERE = Path(__file__).parent
CONTRACT = read((HERE / "contract.yaml").read_bytes(), source="contract.yaml")


def cases(name):
    listed = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"]) for case in listed]


def rule(kind, operation, spec="{}"):
    policies = load(f"policy: it\nkind: {kind}\nspec: {spec}".encode(), source="p.yaml")
    deployment = deployed(contract=CONTRACT, contract_id="shop.orders", version="1.0.0")
    snapshot = compile_snapshot(Inputs("test", (deployment,), policies))
    runtime = build(snapshot, Shared(b"k" * 32))
    plan = snapshot.contracts[0]
    wanted = next(o for o in plan.operations if o.name == operation)
    path = wanted.path.replace("{", "").replace("}", "")
    target = runtime.routes.find(wanted.method, (plan.base_path + path).encode()).target
    rules = (*target.head_rules, *target.body_rules, *target.response_rules)
    return target, next(bound for bound in rules if bound.kind == kind), runtime.ports


def exchange(target, case):
    body = case.get("body")
    return Exchange(
        method=target.operation.method, path=case.get("path", "/orders/7"), query=case.get("query", ""),
        headers=case.get("headers", {}), client="127.0.0.1", request_id="r", contract=target.contract,
        operation=target.operation, request_body=None if body is None else body.encode(),
        request_length=case.get("length"),
    )  # fmt: skip


def assert_word(word, case, slug):
    if "wrong" not in case and "slug" not in case:
        assert word is None, word
        return
    assert word is not None
    assert word.problem.type.slug == case.get("slug", slug)
    assert sorted({d.pointer for d in word.problem.errors}) == sorted(case.get("wrong", []))


@pytest.mark.parametrize("case", cases("requests.yaml"))
def test_request(case):
    target, bound, ports = rule("validate-request", case["op"], case.get("spec", "{}"))
    call = exchange(target, case)
    word = bound.on_request(call, ports)
    assert_word(word, case, "request-breaks-contract")
    if "sent" in case:
        assert call.request_body == case["sent"].encode()
        assert target.changes_request


@pytest.mark.parametrize("case", cases("responses.yaml"))
def test_response(case):
    target, bound, ports = rule("validate-response", "getOrder", case.get("spec", "{}"))
    call = exchange(target, {})
    call.status = case.get("status", 200)
    headers = {"content-type": case.get("type", "application/json")} | case.get("headers", {})
    call.response_headers = headers
    call.response_body = case.get("body", "").encode()
    word = bound.on_response(call, ports)
    assert_word(word, case, "response-breaks-contract")


def test_sentences_hold_no_value():
    target, bound, ports = rule("validate-request", "createOrder")
    secret = '{"customer":"Somebody-4711","lines":[{"amount":"Somebody-4711"}]}'
    headers = {"content-type": "application/json"}
    word = bound.on_request(exchange(target, {"body": secret, "headers": headers}), ports)
    assert "4711" not in str(word.problem.as_json())


def test_a_dangling_reference_is_refused_when_it_is_compiled():
    text = (
        (HERE / "contract.yaml")
        .read_text()
        .replace("$ref: '#/components/schemas/Line'", "$ref: '#/x'")
    )
    broken = read(text.encode(), source="contract.yaml")
    policies = load(b"policy: it\nkind: validate-request", source="p.yaml")
    deployment = deployed(contract=broken, contract_id="shop.orders", version="1.0.0")
    with pytest.raises(Exception) as refused:
        compile_snapshot(Inputs("test", (deployment,), policies))
    assert "p.yaml:1" in str(refused.value.problem.detail)
