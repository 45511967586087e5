"""What a contract promises, enforced at publishing: transitive modes, profiles, policies."""

import json

import pytest
from registry_world import DATABASES, world

CONTRACT = "/v1/contracts/psa.order"
VERSIONS = f"{CONTRACT}/versions"


@pytest.fixture(params=DATABASES)
def registry(request, tmp_path):
    with world(request.param, tmp_path) as running:
        yield running.seed()


def create(registry, status=201, **terms):
    body = {"service": "psa", "name": "order", "format": "json-schema", **terms}
    return registry.call("POST", "/v1/contracts", body, status=status).json()


def schema(properties, *required, **more):
    return json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
            "required": list(required),
            **more,
        }
    )


TEXT, NUMBER = {"type": "string"}, {"type": "number"}
# Each version reads the one before it, but the third does not read the first.
STEPS = (
    ("1.0.0", schema({"a": TEXT})),
    ("1.1.0", schema({}, additionalProperties=False)),
    ("1.2.0", schema({"a": NUMBER}, additionalProperties=False)),
)


def publish(registry, version, content, status=201):
    body = {"content": content, "version": version}
    return registry.call("POST", VERSIONS, body, status=status).json()


def history(registry, mode):
    create(registry, compatibility=mode)
    publish(registry, *STEPS[0])
    # The second version is a break that an administrator allows: it makes the history.
    body = {"content": STEPS[1][1], "version": "1.1.0", "allow_breaking_reason": "for the test"}
    registry.call("POST", VERSIONS, body, status=201)


def test_a_pairwise_promise_looks_one_version_back(registry):
    history(registry, "backward")
    assert [each["version"] for each in publish(registry, *STEPS[2])["report"]["history"]] == [
        "1.1.0"
    ]


@pytest.mark.parametrize("mode", ["backward_transitive", "full_transitive"])
def test_a_transitive_promise_names_the_version_that_breaks(registry, mode):
    history(registry, mode)
    problem = publish(registry, *STEPS[2], status=409)
    assert "breaks 1.0.0" in problem["detail"]
    told = {each["version"]: each["verdict"] for each in problem["report"]["history"]}
    assert told["1.0.0"] == "breaking"
    assert list(told) == ["1.1.0", "1.0.0"]
    assert problem["suggested_version"] == "2.0.0"
    assert publish(registry, "2.0.0", STEPS[2][1])["report"]["verdict"] == "breaking"


def test_a_finding_says_whom_it_concerns(registry):
    history(registry, "backward_transitive")
    problem = publish(registry, *STEPS[2], status=409)
    concerned = [f["message"] for f in problem["report"]["findings"] if f["level"] == "error"]
    assert any(message.endswith("(towards 1.0.0)") for message in concerned)


def test_a_forward_transitive_promise_is_read_by_every_earlier_version(registry):
    create(registry, compatibility="forward_transitive")
    publish(registry, "1.0.0", schema({"a": TEXT}, "a"))
    publish(registry, "1.1.0", schema({"a": TEXT, "b": TEXT}, "a", "b"))
    problem = publish(registry, "1.2.0", schema({"b": TEXT}, "b"), 409)
    told = {each["version"]: each["verdict"] for each in problem["report"]["history"]}
    assert told == {"1.1.0": "breaking", "1.0.0": "breaking"}
    publish(registry, "1.2.0", schema({"a": TEXT, "b": TEXT, "c": TEXT}, "a", "b", "c"))


def test_nothing_is_promised_to_a_retired_version(registry):
    history(registry, "backward_transitive")
    for state in ("sunset", "retired"):
        body = {
            "state": state,
            "sunset_at": "2020-01-01T00:00:00Z",
            "deprecated_at": "2019-01-01T00:00:00Z",
        }
        registry.call("POST", f"{VERSIONS}/1.0.0/state", body, status=200)
    done = publish(registry, *STEPS[2])
    assert [each["version"] for each in done["report"]["history"]] == ["1.1.0"]


def test_a_draft_is_judged_as_it_would_be_published(registry):
    history(registry, "backward_transitive")
    body = {"content": STEPS[2][1]}
    judged = registry.call("POST", f"{VERSIONS}/latest/compatibility", body, status=200).json()
    assert len(judged["history"]) == 2
    assert judged["verdict"] == "breaking"
    first = registry.call("POST", f"{VERSIONS}/1.0.0/compatibility", body, status=200).json()
    assert len(first["history"]) == 1
    pairwise = f"{VERSIONS}/latest/compatibility?mode=backward"
    assert registry.call("POST", pairwise, body, status=200).json()["verdict"] == "compatible"


def test_a_long_history_is_judged_whole(registry):
    create(registry, compatibility="backward_transitive")
    names = [f"p{number}" for number in range(25)]
    for number in range(25):
        optional = dict.fromkeys(names[: number + 1], TEXT)
        content = schema(optional, additionalProperties=False)
        done = publish(registry, f"1.{number}.0", content)
    assert len(done["report"]["history"]) == 24
    assert {each["verdict"] for each in done["report"]["history"]} == {"compatible"}


def test_a_profile_decides_by_the_rules_of_another_registry(registry):
    create(registry, profile="confluent")
    publish(registry, "1", schema({"a": TEXT}))
    problem = publish(registry, "2", schema({"a": NUMBER}), 409)
    assert "confluent knows no break" in problem["detail"]
    assert problem["report"]["findings"]
    publish(registry, "2", schema({"a": {"type": ["string", "number"]}}))


def test_a_profile_judges_json_schemas_only(registry):
    create(registry, 409, format="openapi", profile="confluent")
    tag = registry.call("GET", "/v1/contracts/psa.projects").headers["etag"]
    registry.call(
        "PATCH", "/v1/contracts/psa.projects", {"profile": "apicurio"}, status=409, If_Match=tag
    )


def test_the_policy_decides_about_open_models(registry):
    assert create(registry)["policy"] == "strict"
    publish(registry, "1.0.0", schema({}))
    body = {"content": schema({"a": TEXT})}
    path = f"{VERSIONS}/1.0.0/compatibility"
    verdicts = {
        policy: registry.call("POST", f"{path}?policy={policy}", body, status=200).json()["verdict"]
        for policy in ("strict", "lenient")
    }
    assert verdicts == {"strict": "breaking", "lenient": "compatible"}
    publish(registry, "1.1.0", body["content"], 409)
    answer = registry.call("GET", CONTRACT)
    changed = registry.call(
        "PATCH", CONTRACT, {"policy": "lenient"}, status=200, If_Match=answer.headers["etag"]
    ).json()
    assert changed["policy"] == "lenient"
    publish(registry, "1.1.0", body["content"])


def test_changing_the_promise_is_an_administrators_step(registry):
    create(registry)
    body = {"name": "ci", "role": "publisher", "team": "delivery"}
    token = registry.call("POST", "/v1/tokens", body, status=201).json()["token"]
    tag = registry.call("GET", CONTRACT).headers["etag"]
    for change in ({"policy": "lenient"}, {"profile": "confluent"}, {"compatibility": "none"}):
        registry.call("PATCH", CONTRACT, change, token=token, status=403, If_Match=tag)
    same = {"policy": "strict", "title": "Orders"}
    registry.call("PATCH", CONTRACT, same, token=token, status=200, If_Match=tag)
    acts = registry.call("GET", "/v1/audit?action=contract.updated").json()["items"]
    assert acts[0]["detail"]["after"]["policy"] == "strict"


def test_an_asyncapi_contract_is_kept_and_judged(registry):
    create(registry, format="asyncapi")
    content = {
        "asyncapi": "3.0.0",
        "info": {"title": "Orders", "version": "1.0.0"},
        "channels": {"orders": {"address": "orders", "messages": {"placed": {"payload": TEXT}}}},
        "operations": {"place": {"action": "send", "channel": {"$ref": "#/channels/orders"}}},
    }
    publish(registry, "1.0.0", json.dumps(content))
    content["channels"]["orders"]["messages"]["placed"]["payload"] = NUMBER
    assert "breaks 1.0.0" in publish(registry, "1.1.0", json.dumps(content), 409)["detail"]
