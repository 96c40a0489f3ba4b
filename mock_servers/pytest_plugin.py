"""Cassettes in other people's pytest: the marker and the fixture `cassette`. Imports nothing of ours until used.

    @pytest.mark.cassette("new_profile", secrets=[PASSCODE])
    def test_a_profile_is_made():
        ...                             # whatever requests sends here is replayed

    def test_a_profile_is_made(cassette):
        ...                             # the same, named after the test; cassette.origin says when it was recorded

Cassettes lie in `cassettes/<module>/` beside the test. Nothing is recorded unless asked: `--cassette-record-mode once`
on the command line, or `record_mode=` in the marker.
"""

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .harness.cassettes import Cassette

RECORD_MODES = ("none", "once", "new_episodes", "all")

_has_failed = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of cassettes."""
    group = parser.getgroup("zaprig", "zaprig: cassettes of HTTP services")
    group.addoption(
        "--cassette-record-mode",
        choices=RECORD_MODES,
        default=None,
        help="How tests use their cassettes, unless their marker says otherwise. [default: none]",
    )
    group.addoption(
        "--fail-older-than", metavar="AGE", default=None, help="Fail tests whose cassette is older, e.g. 30d or 12h."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and refuse an age that is none before any test runs."""
    config.addinivalue_line(
        "markers",
        "cassette(name=None, record_mode=None, secrets=()): replay (or record) in cassettes/<module>/<name>.yaml"
        " whatever requests sends.",
    )
    if (age := config.getoption("--fail-older-than")) is not None:
        from .harness.cassettes.ages import read_age

        try:
            read_age(age)
        except ValueError as problem:
            raise pytest.UsageError(f"--fail-older-than: {problem}") from None


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test with the marker uses the fixture."""
    if item.get_closest_marker("cassette") and "cassette" not in item.fixturenames:  # type: ignore[attr-defined]
        item.fixturenames.insert(0, "cassette")  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: "pytest.CallInfo[Any]"
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed: half a recording would pass for a whole one."""
    report = yield
    if report.failed:
        item.stash[_has_failed] = True
    return report


@pytest.fixture
def cassette(request: pytest.FixtureRequest) -> "Generator[Cassette]":
    """The test's cassette: while the test runs, every session of requests goes through it."""
    from .harness.cassettes import cassette as in_use

    name, given = _read_marker(request.node.get_closest_marker("cassette"))
    option = request.config.getoption
    played = in_use(
        name or _file_name(request.node.name),
        record_mode=given.get("record_mode") or option("--cassette-record-mode") or "none",
        secrets=given.get("secrets", ()),
        fail_older_than=option("--fail-older-than"),
        folder=request.path.parent / "cassettes" / request.path.stem,
    )
    with played as found:
        yield found
        if request.node.stash.get(_has_failed, False):
            found.forget()


def _read_marker(marker: pytest.Mark | None) -> tuple[str | None, dict[str, Any]]:
    if marker is None:
        return None, {}
    given = dict(marker.kwargs)
    name = marker.args[0] if marker.args else given.pop("name", None)
    unknown = given.keys() - {"record_mode", "secrets"}
    if unknown or len(marker.args) > 1:
        raise pytest.UsageError("@pytest.mark.cassette takes a name, record_mode and secrets.")
    return name, given


def _file_name(test: str) -> str:
    """The test's name as that of a file, its parameters too."""
    return "".join(each if each.isalnum() or each in "-_.[]" else "_" for each in test)
