"""Whether a value is what the machine interface says, with no member that it does not name."""

import json

from jsonschema import Draft202012Validator

from contracts import interface


def closed(schema):
    """The schema with every object that lists members closed, so that nothing goes unsaid."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if "properties" in schema and "additionalProperties" not in schema:
        made["additionalProperties"] = False
    return made


def validator(name):
    schema = interface.schema(name)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(closed(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)


def assert_valid(name, value):
    """Refuse a value that `treaty schema NAME` does not describe completely."""
    plain = json.loads(json.dumps(value))
    errors = [
        f"{error.json_path}: {error.message[:200]}" for error in VALID[name].iter_errors(plain)
    ]
    assert errors == []


VALID = {name: validator(name) for name in interface.SCHEMAS}
