"""How the command looks: tables a person can read."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH_WITHOUT_TERMINAL = 140
"""Columns where nobody told us how wide it is: in a pipe or a file, where ids should stay whole."""

console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL)
errors = Console(stderr=True, highlight=False)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """A plain table; values are shown as they are, never as markup."""
    from rich.text import Text

    made = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text("" if value is None else str(value)) for value in row))
    return made


def rig_table(described: Mapping[str, Any]) -> Table:
    """Addresses and credentials of a rig."""
    rows = []
    for server in ("zapier", "pipedrive", "clevertap"):
        parts = dict(described[server])
        rows.append((server.capitalize().replace("tap", "Tap"), "address", parts.pop("url")))
        rows += [("", key.replace("_", " "), value) for key, value in parts.items()]
    return table("The rig is ready", ("Server", "", ""), rows)


def print_json(value: Any) -> None:
    """The API's own answer."""
    console.out(json.dumps(value, indent=2, ensure_ascii=False), highlight=False)
