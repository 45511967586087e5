"""What libyaml's terse complaints mean to a person; called by `yaml`."""

import yaml

from contracts.formats.places import Source

_SENTENCES = {
    "mapping values are not allowed in this context": (
        "A ':' stands where no key can be; quote a value that contains ': ', or check the indentation."
    ),
    "did not find expected key": "A key is expected here; check the indentation and the quotes.",
    "did not find expected '-' indicator": (
        "An item ('- ') is expected here; check the indentation of the list."
    ),
    "could not find expected ':'": "A ':' is expected after the key.",
    "did not find expected ',' or '}'": "',' or '}' is expected here; a brace is not closed.",
    "did not find expected ',' or ']'": "',' or ']' is expected here; a bracket is not closed.",
    "found unexpected end of stream": "The text ends inside a quoted string.",
    "found unexpected document indicator": "A document marker stands inside a quoted string.",
    "found character that cannot start any token": (
        "No value can start with this character; quote it ('@' and '`' are reserved)."
    ),
    "found unknown escape character": "The escape after '\\' is not known in a quoted string.",
    "did not find expected whitespace or line break": "A space or a line break is expected here.",
    "block sequence entries are not allowed in this context": (
        "A list item ('- ') cannot start here; begin the list on its own line."
    ),
    "did not find expected <document start>": (
        "The document ended before this line; check the indentation of what stands above."
    ),
    "did not find expected node content": "A value is expected here.",
    "found a tab character that violates indentation": "A tab cannot indent; use spaces.",
    "found invalid Unicode character escape code": "The escape is no Unicode character.",
    "found incompatible YAML document": "The %YAML directive asks for an unknown version.",
    "found undefined tag handle": "The tag uses a prefix that no %TAG directive declares.",
}


def sentence_for(error: yaml.MarkedYAMLError, source: Source) -> str:
    """Return one understandable sentence for a syntax error."""
    mark = error.problem_mark
    if mark and not source.text[mark.index :].strip():
        return "The text ends before it is complete; a quote, bracket or brace is still open."
    if mark and source.text[mark.index : mark.index + 1] == "\t":
        return "A tab stands where spaces must indent."
    problem = (error.problem or "").strip()
    if problem in _SENTENCES:
        return _SENTENCES[problem]
    return f"The text is not YAML: {problem or 'the syntax is broken'}."
