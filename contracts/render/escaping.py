"""What makes the words of a stranger's document harmless; every renderer asks here first."""

import re
import unicodedata

_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
# Outside XML 1.0's Char production (section 2.2), and not in a hidden category.
_NOT_XML = re.compile("[\ufffe\uffff]")


def visible(text: str) -> str:
    """Return the text with control, format and line characters shown, so that none takes effect."""
    return "".join(
        f"\\x{ord(char):02x}" if unicodedata.category(char) in _HIDDEN else char for char in text
    )


def xml(text: str) -> str:
    """Return text for XML content or a double-quoted attribute, of HTML too."""
    safe = _NOT_XML.sub(lambda match: f"\\x{ord(match[0]):02x}", visible(text))
    for char, entity in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "#39")):
        safe = safe.replace(char, f"&{entity};")
    return safe
