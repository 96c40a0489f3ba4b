"""What a check of a contract has to tell: one finding for each thing that is wrong, and where it was seen."""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from ...rig.masking import is_secret_key, mask_text, stand_in

Kind = Literal["broken", "unread"]
"""`unread`: it was sent, but nobody reads it."""

LONGEST_EXAMPLE = 80
"""Characters."""
MOST_SHOWN = 20
"""Members or items of a value, each, that are looked at for an example."""
MOST_READ = 1_000
"""Characters of a text."""
DEEPEST_SHOWN = 4

_INDEX = re.compile(r"\[\d+\]")
_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not follow the document."""

    where: str
    """Where it was seen: `cassette.yaml, interaction 3`."""
    operation: str
    """`POST /1/upload`, as the document writes it; empty if none fits."""
    part: str
    """`request body`, `request query`, `request path`, `request header`, `response status`, ..."""
    path: str
    """`$.d[0].ts`, or the name of a parameter or header; empty for the whole."""
    message: str
    """What is wrong and what would be right, without the value."""
    example: str
    """The value that was seen, by `as_example`."""
    kind: Kind

    @property
    def fault(self) -> tuple[str, ...]:
        """What two findings have in common that are one fault, seen twice: all but the exchange, item and value."""
        return (self.operation, self.part, _INDEX.sub("[*]", self.path), self.message, self.kind)


def as_example(value: Any, name: str = "") -> str:
    """A value as short JSON without any secret; `name` is what it stands under."""
    short = json.dumps(_shortened(value, name, 0), ensure_ascii=False, default=lambda other: type(other).__name__)
    return short if len(short) <= LONGEST_EXAMPLE else f"{short[: LONGEST_EXAMPLE - 1]}…"


def member_path(path: str, *steps: str | int) -> str:
    """`$.d[0].ts`, with names that are no plain words in brackets: `$["Deal Stage"]`."""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            path += f".{step}"
        else:
            path += f"[{json.dumps(step, ensure_ascii=False)}]"
    return path


def _shortened(value: Any, name: str, depth: int) -> Any:
    if isinstance(value, bytes):
        value = value[:MOST_READ].decode("utf-8", "replace")
    if isinstance(value, str):
        if is_secret_key(name) and value and not value.startswith(":censored"):
            return stand_in(value)
        return mask_text(value[:MOST_READ])[: 2 * LONGEST_EXAMPLE]
    if isinstance(value, bool | None):
        return value
    if is_secret_key(name) and isinstance(value, int | float):
        return stand_in(str(value))
    if isinstance(value, dict):
        if depth == DEEPEST_SHOWN:
            return "…"
        return {
            key: _shortened(value[key], name if is_secret_key(name) else str(key), depth + 1)
            for key in list(value)[:MOST_SHOWN]
        }
    if isinstance(value, list | tuple):
        return "…" if depth == DEEPEST_SHOWN else [_shortened(item, name, depth + 1) for item in value[:MOST_SHOWN]]
    return value
