"""Where a cassette lies, and what is said where none can be."""

import os
from pathlib import Path

import pytest

from mock_servers.harness.cassettes import CassetteError, UnreadableCassetteError
from tests.harness.echo import Echo, record, replay


def loop(folder: Path) -> Path:
    link = folder / "loop.yaml"
    link.symlink_to(link)
    return link


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.yaml")
    return folder / "pipe.yaml"


def under_a_file(folder: Path) -> Path:
    (folder / "file").write_text("hello")
    return folder / "file" / "cassette.yaml"


@pytest.mark.parametrize("record_mode", ["none", "once", "new_episodes", "all"])
@pytest.mark.parametrize(
    ("place", "reason"),
    [
        pytest.param(loop, "symbolic links", id="a link to itself"),
        pytest.param(pipe, "no regular file", id="a pipe"),
        pytest.param(under_a_file, "Not a directory", id="in a file"),
        pytest.param(lambda folder: folder, "Is a directory", id="a folder"),
        pytest.param(lambda folder: folder / ("a" * 300), "File name too long", id="too long a name"),
        pytest.param(lambda folder: Path("/dev/zero"), "no regular file", id="a device without end"),
    ],
)
def test_where_no_file_can_be_nothing_is_recorded(place, reason, record_mode, tmp_path):
    """It is said before the first request, in every mode: afterwards all that was recorded would be lost."""
    path = place(tmp_path)

    with pytest.raises(UnreadableCassetteError, match=reason) as raised:
        replay(path, lambda session: session.get("https://example.com/"), record_mode=record_mode)

    assert str(raised.value).startswith(f"{path} cannot be read: ")


def test_a_link_to_a_file_that_is_not_there_yet_is_recorded(tmp_path):
    """As anybody else would do who follows a link."""
    path = tmp_path / "link.yaml"
    path.symlink_to(tmp_path / "elsewhere.yaml")
    ask = lambda session: session.get("https://example.com/").text  # noqa: E731

    assert record(path, ask, Echo()) == replay(path, ask)


def test_what_cannot_be_written_is_said_with_its_file(tmp_path):
    """The folder may have gone while the test ran."""
    folder = tmp_path / "folder"

    def ask(session):
        session.get("https://example.com/")
        folder.write_text("a file stands in the way")

    with pytest.raises(CassetteError, match=r"cassette\.yaml cannot be written: ") as raised:
        record(folder / "cassette.yaml", ask, Echo())

    assert str(folder) in str(raised.value)
