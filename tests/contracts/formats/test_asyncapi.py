"""AsyncAPI documents: who writes what, and what is read of messages in both major versions."""

import pytest

from contracts.errors import TreatyError
from contracts.formats import read
from contracts.model import Format
from contracts.validate import validate

TWO = b"""
asyncapi: 2.6.0
info: {title: Projects, version: 1.0.0}
defaultContentType: application/json
servers:
  main: {url: 'mqtt://{host}', protocol: mqtt, variables: {host: {default: a}}}
  bare: {url: broker:9092, protocol: kafka}
channels:
  projects/{id}:
    parameters: {id: {schema: {type: string}}}
    publish:
      operationId: takeCommand
      security: [{oauth: [write]}]
      traits: [{$ref: '#/components/operationTraits/slow'}]
      message:
        oneOf:
          - $ref: '#/components/messages/Start'
          - {name: stop, payload: {type: object}, contentType: text/plain}
    subscribe:
      message: {$ref: '#/components/messages/Started'}
components:
  operationTraits: {slow: {operationId: fromTrait, bindings: {mqtt: {qos: 1}}}}
  messages:
    Start: {payload: {type: object}, correlationId: {location: '$message.header#/id'}}
    Started:
      traits: [{headers: {type: object}}]
      schemaFormat: application/schema+json;version=draft-07
      payload: {type: object}
  securitySchemes: {oauth: {type: oauth2, flows: {}}}
"""

THREE = b"""
asyncapi: 3.0.0
info: {title: Projects, version: 1.0.0}
servers: {main: {host: 'broker:9092', pathname: /v1, protocol: kafka}}
channels:
  projects:
    address: projects.{id}
    messages:
      started: {$ref: '#/components/messages/Started'}
      stopped: {payload: {schemaFormat: 'application/vnd.apache.avro', schema: {type: record}}}
  answers: {messages: {done: {payload: {type: string}}}}
operations:
  tell: {action: send, channel: {$ref: '#/channels/projects'}, messages: [{$ref: '#/channels/projects/messages/started'}]}
  tellMore: {action: send, channel: {$ref: '#/channels/projects'}, messages: [{$ref: '#/channels/projects/messages/stopped'}]}
  ask:
    action: receive
    channel: {$ref: '#/channels/projects'}
    security: [{$ref: '#/components/securitySchemes/oauth'}]
    reply: {channel: {$ref: '#/channels/answers'}}
  lost: {action: send, channel: {$ref: '#/channels/gone'}}
components:
  messages: {Started: {payload: {type: object}}}
  securitySchemes: {oauth: {type: oauth2, scopes: [read], flows: {}}}
"""


def flows(contract):
    return {(c.address, f.action): f for c in contract.channels for f in c.flows}


def test_publish_is_what_the_application_receives():
    contract = read(TWO, source="two.yaml")
    assert (contract.format, contract.dialect) == (Format.ASYNCAPI, "asyncapi-2")
    assert contract.servers == ("mqtt://{host}", "kafka://broker:9092")
    found = flows(contract)
    taken = found[("projects/{id}", "receive")]
    assert [m.name for m in taken.messages] == ["Start", "stop"]
    assert [m.content_type for m in taken.messages] == ["application/json", "text/plain"]
    assert taken.messages[0].correlation == "$message.header#/id"
    assert taken.name == "takeCommand"
    assert taken.bindings.value == {"mqtt": {"qos": 1}}
    assert [r.scopes for (r,) in taken.security.alternatives] == [("write",)]
    (started,) = found[("projects/{id}", "send")].messages
    assert started.headers.value == {"type": "object"}
    assert started.payload.pointer == "/components/messages/Started/payload"
    assert validate(contract) == ()


def test_operations_of_one_direction_on_a_channel_are_one_flow():
    contract = read(THREE, source="three.yaml")
    assert contract.servers == ("kafka://broker:9092/v1",)
    found = flows(contract)
    assert set(found) == {("projects.{id}", "send"), ("projects.{id}", "receive")}
    told = found[("projects.{id}", "send")]
    assert [m.name for m in told.messages] == ["started", "stopped"]
    assert told.messages[1].schema_format == "application/vnd.apache.avro"
    assert told.messages[1].payload.pointer == "/channels/projects/messages/stopped/payload/schema"
    asked = found[("projects.{id}", "receive")]
    assert [m.name for m in asked.messages] == ["started", "stopped"]
    assert [m.name for m in asked.replies] == ["done"]
    assert [(r.scheme, r.scopes) for (r,) in asked.security.alternatives] == [("oauth", ("read",))]
    assert {issue.rule for issue in validate(contract)} == {"reference-unresolved"}


@pytest.mark.parametrize(
    "text",
    [
        b"asyncapi: 2.0.0",
        b"asyncapi: 3.0.0\nchannels: 7\noperations: []\nservers: x",
        b"asyncapi: 3.0.0\nchannels: {a: {messages: 7}}\noperations: {o: {action: send, channel: 3}}",
        b"asyncapi: 2.6.0\nchannels: {a: {publish: {message: {oneOf: 7}}, subscribe: {traits: 3}}}",
    ],
)
def test_what_is_broken_is_left_out(text):
    assert validate(read(text, source="case"))


@pytest.mark.parametrize("version", [b"4.0.0", b"true", b"[2]", b"2"])
def test_unknown_versions_are_refused(version):
    with pytest.raises(TreatyError):
        read(b"asyncapi: " + version, source="case")


def test_any_mapping_is_a_schema_where_one_is_expected():
    text = b'{"x-mine": 1}'
    with pytest.raises(TreatyError):
        read(text, source="case")
    contract = read(text, source="case", expected=Format.JSON_SCHEMA)
    assert contract.format is Format.JSON_SCHEMA
