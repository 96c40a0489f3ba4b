"""docs/fidelity.md against the registered routes and the tests it names."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from mock_servers.config import Config
from mock_servers.stack import build_stack

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/fidelity.md").read_text(encoding="utf-8")
MARKS = ("documented", "observed", "assumed", "ours")
SERVERS = {"CleverTap": "clevertap", "Pipedrive": "pipedrive", "Zapier": "zapier"}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@dataclass(frozen=True)
class Row:
    """One row of a table; `routes` are `(method, path)` pairs."""

    section: str
    subject: str
    known_from: str
    tested_by: str

    @property
    def routes(self) -> set[tuple[str, str]]:
        named = set(re.findall(r"`([A-Z]+) (/[^`]*)`", self.subject))
        twins = {(method, f"/api{path}") for method, path in named} if "also under `/api`" in self.subject else set()
        return named | twins

    @property
    def mark(self) -> str:
        return self.known_from.partition(":")[0].strip()


def rows() -> list[Row]:
    """The rows of every section but the list of what is not imitated."""
    found = []
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        title = section.partition("\n")[0]
        if title == "Not imitated yet":
            continue
        for line in section.splitlines():
            if line.startswith("| ") and not line.startswith(("| ---", "| Route or rule")):
                subject, _, known_from, tested_by = (cell.strip() for cell in line.strip("|").split(" | "))
                found.append(Row(title, subject, known_from, tested_by))
    return found


ROWS = rows()


def registered() -> dict[str, set[tuple[str, str]]]:
    """`(method, path)` of everything that is served, by section: API, own controls and pages of each server, and
    the controls that all have.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    with build_stack(Config(deals=0)) as stack:
        controls = {name: {(row.method, row.path) for row in each.control.rows} for name, each in stack.servers.items()}
        shared = set.intersection(*controls.values())
        for section, name in SERVERS.items():
            pages = {
                (method, rule.rule)
                for rule in stack.app(name).url_map.iter_rules()
                for method in (rule.methods or set()) & METHODS
            }
            api = {(row.method, row.path) for row in stack.servers[name].routes.rows}
            found[section] = api | pages | (controls[name] - shared)
    found["The rig"] = shared
    return found


REGISTERED = registered()


@pytest.mark.parametrize("section", REGISTERED)
def test_every_route_has_a_row(section):
    """What is served is in the table, and what is in the table is served."""
    named = set().union(*(row.routes for row in ROWS if row.section == section))

    assert sorted(REGISTERED[section] - named) == [], "these routes have no row"
    assert sorted(named - REGISTERED[section]) == [], "these rows have no route"


def test_every_row_says_how_we_know():
    """Each row has exactly one of the four words, and a source where there is a vendor to quote."""
    assert [row.subject for row in ROWS if row.mark not in MARKS] == []
    assert [row.subject for row in ROWS if row.mark in ("documented", "observed") and ": " not in row.known_from] == []


def test_every_row_is_tested():
    """Each row names a test that exists."""
    missing = []
    for row in ROWS:
        named = re.fullmatch(r"`(tests/[\w/]+\.py)::(\w+)`", row.tested_by)
        if named is None or named[2] not in functions_in(ROOT / named[1]):
            missing.append(f"{row.subject}: {row.tested_by}")

    assert missing == []


def functions_in(file: Path) -> set[str]:
    """The names of all functions of a file, those in classes too."""
    if not file.exists():
        return set()
    return {node.name for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}


def test_a_row_stands_once():
    """No subject is told twice in one section."""
    counted = Counter((row.section, row.subject) for row in ROWS)

    assert [subject for subject, count in counted.items() if count > 1] == []


def counts() -> str:
    """The sentence with the numbers."""
    of = Counter(row.mark for row in ROWS)
    return (
        f"Of {len(ROWS)} rows {of['documented']} are documented, {of['observed']} observed, {of['assumed']} assumed,"
        f" and {of['ours']} are our own."
    )


@pytest.mark.parametrize("document", ["docs/fidelity.md", "README.md"])
def test_the_numbers_are_right(document):
    """The page and README say how many rows are documented, observed and assumed."""
    text = " ".join((ROOT / document).read_text(encoding="utf-8").split())

    assert counts() in text
