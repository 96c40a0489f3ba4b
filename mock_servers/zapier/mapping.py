"""From a form with tokens to values: `{{1__person__email}}` is replaced by what step 1 gave.

A token that stands alone keeps the type of its value. In a longer text values are put in as raw text, without
any escaping, so a quote in a name breaks a JSON text around it, as in life. Values are not scanned again.

Source: facts on Zapier 4.3, read 2026-11; documented for the form of tokens and joined lists, assumed for the
rest of the rendering.
"""

import re
from collections.abc import Container, Mapping
from typing import Any

import msgspec

TOKEN = re.compile(r"\{\{\s*([0-9]{1,9})__([^{}]+?)\s*\}\}")
LOOKS_LIKE_TOKEN = re.compile(r"\{\{([^{}]*)\}\}")

Outputs = Mapping[int, Any]
"""What each step gave, by its number."""


def fill(template: Any, outputs: Outputs) -> Any:
    """The template with every token replaced. None where a token that stands alone finds nothing."""
    if isinstance(template, str):
        if alone := TOKEN.fullmatch(template.strip()):
            return look_up(outputs.get(int(alone[1])), alone[2])
        return TOKEN.sub(lambda token: as_text(look_up(outputs.get(int(token[1])), token[2])), template)
    if isinstance(template, Mapping):
        return {key: fill(value, outputs) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, outputs) for value in template]
    return template


def look_up(value: Any, path: str) -> Any:
    """The value behind `person__email` or `emails__0__value`; None if there is none.

    A key may itself hold double underscores: the longest key that exists is taken. A list without an index
    gives the list of what its elements have.
    """
    if isinstance(value, list):
        head, _, rest = path.partition("__")
        if head.isascii() and head.isdigit() and len(head) < 10:
            element = value[int(head)] if int(head) < len(value) else None
            return look_up(element, rest) if rest else element
        found = [look_up(element, path) for element in value]
        return [each for each in found if each is not None] or None
    if not isinstance(value, Mapping):
        return None
    if path in value:
        return value[path]
    parts = path.split("__")
    for length in range(len(parts) - 1, 0, -1):
        key = "__".join(parts[:length])
        if key in value:
            return look_up(value[key], "__".join(parts[length:]))
    return None


def as_text(value: Any) -> str:
    """A value within a longer text: nothing for null, `true`, numbers as JSON writes them, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(as_text(each) for each in value)
    return msgspec.json.encode(value).decode()


def find_problems(template: Any, earlier: Container[int]) -> list[str]:
    """What is wrong with the tokens of a template that may use the steps in `earlier`."""
    if isinstance(template, Mapping):
        return [message for value in template.values() for message in find_problems(value, earlier)]
    if isinstance(template, list):
        return [message for value in template for message in find_problems(value, earlier)]
    if not isinstance(template, str):
        return []
    messages = []
    for looks in LOOKS_LIKE_TOKEN.finditer(template):
        token = TOKEN.fullmatch(looks[0])
        if token is None:
            messages.append(f"{looks[0]} is no token; write {{{{1__field}}}} for a field of step 1.")
        elif int(token[1]) not in earlier:
            messages.append(f"{looks[0]} asks for step {token[1]}, which does not come before this one.")
    if (left := LOOKS_LIKE_TOKEN.sub("", template)) and (start := left.find("{{")) >= 0:
        messages.append(f"{left[start : start + 30]} begins like a token that does not end, as {{{{1__field}}}} does.")
    return messages
