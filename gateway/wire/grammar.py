"""The grammar of HTTP/1.1 heads (RFC 9110, RFC 9112) as strict patterns; nothing is repaired.

Possessive quantifiers keep every pattern linear. Both sides of the gateway use the same ones.
"""

import re

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_VALUE = rb"[\t\x20-\x7e\x80-\xff]*+"

REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") ([\x21-\x7e]++) HTTP/([0-9])\.([0-9])")
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: (" + _VALUE + rb"))?")
FIELD_LINES = re.compile(rb"(?:" + _TOKEN + rb":" + _VALUE + rb"\r\n)*+")
# What no part of a head may hold before its end has come: a line end that is no CRLF, or NUL.
BROKEN_HEAD = re.compile(rb"\x00|(?<!\r)\n|\r(?!\n)(?!\Z)")
TOKEN_LIST = re.compile(rb"[ \t]*" + _TOKEN + rb"[ \t]*(?:,[ \t]*" + _TOKEN + rb"[ \t]*)*")

END_OF_HEAD = b"\r\n\r\n"
MAX_HEAD_BYTES = 32_768
MAX_TARGET_BYTES = 8_192
MAX_FIELDS = 128
MAX_LENGTH_DIGITS = 18  # what a signed 64-bit reader can hold
