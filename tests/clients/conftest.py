"""Programs that other people wrote for the real services, run against a served rig."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from mock_servers.clevertap.accounts import Account
from mock_servers.clevertap.events import Event
from mock_servers.clevertap.profiles import Found
from mock_servers.config import Config
from mock_servers.served import ServedStack, serve
from tests.tools import NODE_MODULES, environment_with, find_tool, given_node_modules, miss

HERE = Path(__file__).parent
PACKAGES = HERE / "package.json"
PATIENCE_SECONDS = 60

INSTALL = "install Node.js 18 or newer and npm (on Debian: apt-get install nodejs npm)"
NPM_INSTALL = (
    "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline",
    "--fetch-retries=1", "--loglevel=error",
)  # fmt: skip


@pytest.fixture(scope="session")
def node() -> str:
    """The program `node`."""
    return find_tool("node", INSTALL)


@pytest.fixture(scope="session")
def node_modules(node: str) -> Iterator[Path]:
    """A folder with the packages of `package.json`: the one that was named, or one that goes when the tests end."""
    if (given := given_node_modules()) is not None:
        _check_versions(given)
        yield given
        return
    npm = find_tool("npm", f"{INSTALL}, or name a folder with the packages of {PACKAGES.name} in {NODE_MODULES}")
    with TemporaryDirectory(prefix="zaprig-node-") as folder:
        _install(npm, Path(folder))
        yield Path(folder, "node_modules")


def _install(npm: str, folder: Path) -> None:
    shutil.copy(PACKAGES, folder)
    try:
        done = subprocess.run([npm, *NPM_INSTALL], cwd=folder, capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        miss("The Node packages are missing: npm install did not end within two minutes. Is its registry reachable?")
    if done.returncode != 0:
        miss(f"The Node packages are missing: npm install failed. {' '.join(done.stderr.split())[:200]}")


def _check_versions(folder: Path) -> None:
    for name, wanted in json.loads(PACKAGES.read_text())["dependencies"].items():
        package = folder / name / "package.json"
        found = json.loads(package.read_text())["version"] if package.is_file() else "nothing"
        if found != wanted:
            pytest.fail(f"{NODE_MODULES}={folder} has {found} as {name}, not {wanted}.", pytrace=False)


@dataclass(frozen=True)
class NpmClevertap:
    """CleverTap's npm package, in a program of its own, with one account's credentials."""

    node: str
    node_modules: Path
    url: str
    credentials: dict[str, str] = field(repr=False)

    def play(self, *calls: list[Any], **others: str) -> list[Any]:
        """What each call `[method, value, …]` came to: `{"result": …}`, or `{"thrown": …}` for a rejected promise.

        `others` are credentials to use instead. A program that ends badly is an AssertionError with its last words.
        """
        program = {"url": self.url, **self.credentials, **others, "calls": calls}
        ended = subprocess.run(
            [self.node, str(HERE / "npm_clevertap.js")], env=environment_with(self.node_modules),
            input=json.dumps(program), capture_output=True, text=True, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    def results(self, *calls: list[Any], **others: str) -> list[Any]:
        """The results alone, where no promise is rejected."""
        return [outcome["result"] for outcome in self.play(*calls, **others)]

    def result(self, *call: Any, **others: str) -> Any:
        """The result of one call."""
        [result] = self.results([*call], **others)
        return result


@dataclass(frozen=True)
class Known:
    """What the rig itself knows of the account that is there from the start."""

    served: ServedStack

    @property
    def account(self) -> Account:
        return self.served.stack.clevertap.accounts()[0]

    def found(self, **query: str) -> Found | None:
        return self.served.stack.clevertap.reader.find_profile(self.account, **query)

    def profiles(self) -> list[Found]:
        return self.served.stack.clevertap.reader.newest_profiles(self.account, limit=1000)

    def events(self) -> list[tuple[Event, Found]]:
        return self.served.stack.clevertap.reader.newest_events(self.account, limit=1000)

    def requests(self) -> list[str]:
        """Method and address of every call to CleverTap, oldest first."""
        entries = self.served.stack.journal.entries(server="clevertap")
        return [f"{entry.method} {entry.address}" for entry in entries]

    def set(self, **wishes: Any) -> None:
        self.served.stack.clevertap.change_settings(self.account.id, wishes)


@pytest.fixture
def served() -> Iterator[ServedStack]:
    """A rig on three free ports, with an empty company."""
    with serve(Config(port=0, deals=0)) as rig:
        yield rig


@pytest.fixture
def known(served: ServedStack) -> Known:
    return Known(served)


@pytest.fixture
def client(node: str, node_modules: Path, served: ServedStack) -> NpmClevertap:
    clevertap = served.describe()["clevertap"]
    return NpmClevertap(node, node_modules, clevertap.pop("url"), clevertap)
