"""What must not be in the repository, and what must: no machine's traces, no secrets, no file that grew too far."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.tools import find_tool, miss

ROOT = Path(__file__).parents[2]

LONGEST_FILE = 400
FORBIDDEN = {
    "a path of somebody's machine": r"/(?:home|Users|root|work)/[\w.-]+/|[A-Z]:\\(?:Users|Windows)\\",
    "the host of a package index": r"pypi\.(?:org|python)|python[h]osted\.|--(?:extra-)?index[-]url",
    "a private key": r"BEGIN [A-Z ]*PRIVATE [K]EY",
    "a token of GitHub": r"\bgh[opsu]_[A-Za-z0-9]{30,}|github_[p]at_",
    "a token of Slack": r"\bxox[abprs]-\w{8,}",
    "a key of Amazon": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a live key of Stripe": r"\b[sr]k_live_\w{8,}",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}",
    "a token of Pipedrive": r"\b(?=[0-9a-f]*\d)[0-9a-f]{40}\b",
    "a document that is elsewhere": r"\bdesign\.[m]d\b|\.\./[s]hared",
}


def tracked() -> list[Path]:
    """What git knows or would add."""
    git = find_tool("git", "install it (on Debian: apt-get install git)")
    if not (ROOT / ".git").exists():
        miss("This is no clone: only one can say which files belong to it.")
    command = [git, "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def read(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_what_must_not_be_here(what):
    """No file holds a path of one machine, a package index, or what looks like a secret."""
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in tracked()
        for number, line in enumerate(read(file).splitlines(), start=1)
        if pattern.search(line)
    ]

    assert found == []


def test_files_hold_one_subject():
    """A Python file longer than 400 lines holds two subjects."""
    lengths = {file: len(read(file).splitlines()) for file in tracked() if file.suffix == ".py"}
    assert {file.name: lines for file, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_the_changelog_knows_this_version():
    """There is an entry for the version that would be released, and it says something."""
    version = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]["version"]
    entry = re.search(
        rf"^## \[{re.escape(version)}\].*?(?=^## |\Z)", read(ROOT / "CHANGELOG.md"), re.MULTILINE | re.DOTALL
    )

    assert entry is not None
    assert re.search(r"^- \w", entry[0], re.MULTILINE)


def test_every_source_that_the_code_names_is_listed():
    """`facts/pipedrive.md 5.5` and `Facts on Zapier 3.2` lead to a row of that page."""
    listed = {
        name: set(re.findall(r"^\| ([\d.]+) \|", read(ROOT / f"docs/facts/{name}.md"), re.MULTILINE))
        for name in ("pipedrive", "zapier")
    }
    named = re.compile(
        r"(?:facts/(pipedrive|zapier)\.md|[Ff]acts\s+on\s+(Pipedrive|Zapier))\s+([\d.]+(?:(?:,| and)\s+\d[\d.]*)*)"
    )
    missing = set()
    for file in (file for file in tracked() if file.suffix == ".py"):
        for found in named.finditer(read(file)):
            name = (found[1] or found[2]).lower()
            numbers = {number.strip(".") for number in re.findall(r"\d[\d.]*", found[3])}
            missing |= {f"{file.relative_to(ROOT)}: {name} {number}" for number in numbers - listed[name]}

    assert sorted(missing) == []
