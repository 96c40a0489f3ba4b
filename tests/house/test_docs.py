"""The documents say what the code does: README's commands and code run, links lead somewhere."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest

from mock_servers.cli import VERBS, cli
from mock_servers.config import Config
from mock_servers.served import serve
from tests.tools import find_tool

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])

DEFAULT_PORTS = {"zapier": 8400, "pipedrive": 8401, "clevertap": 8402}
SERVED_BY_THE_TEST = ("zaprig up", "zaprig demo", "make ")
"""Commands that are understood here but not run: the test serves the rig itself, on free ports."""


def blocks(text: str, *languages: str) -> list[str]:
    """The fenced blocks in these languages."""
    return [
        body
        for language, body in re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        if language in languages
    ]


def commands(text: str) -> list[str]:
    """What the console blocks tell a person to type, with continued lines joined."""
    typed: list[str] = []
    for line in "\n".join(blocks(text, "console", "bash")).splitlines():
        if line.startswith("$ "):
            typed.append(line[2:])
        elif line.startswith("> "):
            typed[-1] = typed[-1].removesuffix("\\") + line[2:]
    return typed


def find_command(words: list[str]) -> click.Command:
    """The command that these words call, with its arguments understood. Raises `click.UsageError`."""
    command: click.Command = cli
    context = click.Context(cli, info_name="zaprig")
    while isinstance(command, click.Group) and not (command.invoke_without_command and names_no_member(words)):
        name, command_, words = command.resolve_command(context, words)
        assert command_ is not None
        command, context = command_, click.Context(command_, info_name=name, parent=context)
    if "-" not in words and not any(Path(word).suffix in (".yaml", ".json") or word == "FILE" for word in words):
        command.make_context("zaprig", list(words), parent=context)
    return command


def names_no_member(words: list[str]) -> bool:
    """Is the group itself called?"""
    return not words or words[0].startswith("-")


ZAPRIG = [line for line in commands(README) if line.startswith("zaprig ")]
MENTIONED = re.findall(r"`zaprig ([^`]+)`", README)


@pytest.mark.parametrize("words", [*(line.removeprefix("zaprig ") for line in ZAPRIG), *MENTIONED])
def test_every_command_in_the_readme_is_understood(words):
    """Each `zaprig …` in README names a verb that exists, with options that exist."""
    typed = [word for word in shlex.split(words.replace("DIR", "state").partition(">")[0]) if word != "&"]

    assert find_command(typed).callback is not None


def test_every_make_target_in_the_documents_exists():
    """Each `make …` in a document names a target of the Makefile, and each target says what it does."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    named = {
        name
        for document in DOCUMENTS
        for name in re.findall(r"(?:^\$ |`)make ([a-z]+)", document.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert named
    assert named <= targets
    assert targets == set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())


@pytest.mark.slow
def test_the_tour_works(tmp_path):
    """Everything that README tells a person to type succeeds, in its order, and leads to a successful run."""
    find_tool("curl", "install it (on Debian: apt-get install curl)")
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    typed = [line for line in commands(README) if not line.startswith(SERVED_BY_THE_TEST)]
    with serve(Config(port=0)) as rig:
        described = rig.describe()
        (tmp_path / "rig.json").write_text(json.dumps(described), encoding="utf-8")
        script = "\n".join(["set -eux", *(line for line in typed if not line.startswith("export PATH"))])
        for server, port in DEFAULT_PORTS.items():
            script = script.replace(f"127.0.0.1:{port}", urlsplit(described[server]["url"]).netloc)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "ZAPRIG_URL": described["zapier"]["url"], "COLUMNS": "200"}
        played = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )

    assert played.returncode == 0, played.stderr
    assert "Successful" in played.stdout
    assert "is on, version 1" in played.stdout


@pytest.mark.parametrize("code", blocks(README, "python"))
def test_the_code_in_the_readme_works(code):
    """README's Python runs as it stands, and its tests pass."""
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)  # our own document

    tests = [value for name, value in names.items() if name.startswith("test_") and callable(value)]
    for test in tests:
        test()
    assert len(tests) == code.count("\ndef test_")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    """A link to a file or a heading of ours leads to one that is there."""
    text = document.read_text(encoding="utf-8")
    missing = []
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        path, _, heading = target.partition("#")
        file = (document.parent / path) if path else document
        if not file.exists() or (heading and heading not in anchors(file.read_text(encoding="utf-8"))):
            missing.append(target)

    assert missing == []


def anchors(text: str) -> set[str]:
    """The names by which the headings of a document are linked."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_architecture_page_names_what_exists():
    """Every row of a deal's journey names a file that exists and what is defined in it."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d+\w? \| `([\w/]+\.py)` \| (.*?) \|", text, re.MULTILINE)

    assert len(rows) >= 15
    for path, named in rows:
        code = (ROOT / path).read_text(encoding="utf-8")
        for name in re.findall(r"`([\w.]+)\(?", named):
            for part in name.split("."):
                defined = re.search(rf"^\s*(?:def|class) {part}\b|^\s*(?:self\.)?{part}\b\s*[:=]", code, re.MULTILINE)
                assert defined, f"{path} defines no {part}"


def every_command() -> list[click.Command]:
    """All verbs, groups and their members."""
    context = click.Context(cli, info_name="zaprig")
    found = [command for name in VERBS if (command := cli.get_command(context, name))]
    return [
        *found,
        *(member for group in found if isinstance(group, click.Group) for member in group.commands.values()),
    ]


def test_every_verb_and_option_explains_itself():
    """`--help` has a sentence for each verb and each option."""
    silent = []
    for command in every_command():
        if not (command.help or "").strip():
            silent.append(command.name)
        silent += [
            f"{command.name} {parameter.opts[0]}"
            for parameter in command.params
            if isinstance(parameter, click.Option) and not (parameter.help or "").strip()
        ]

    assert silent == []


def test_every_verb_is_in_the_documents():
    """Whoever reads the documents meets each verb once."""
    text = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    context = click.Context(cli, info_name="zaprig")
    names = []
    for name in VERBS:
        command = cli.get_command(context, name)
        members = command.commands if isinstance(command, click.Group) else {}
        names += [f"zaprig {name} {member}" for member in members] or [f"zaprig {name}"]

    assert [name for name in names if name not in text] == []
