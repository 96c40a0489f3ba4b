"""Cassettes from elsewhere: damaged, hostile, or made by vcrpy."""

import gzip
import os

import pytest
import yaml

from mock_servers.harness.cassettes import (
    UnreadableCassetteError,
)
from tests.harness.echo import replay

# Files from elsewhere


INTERACTION = """\
interactions:
- request:
    body: null
    headers: {}
    method: GET
    uri: https://example.com/
  response:
    body:
      string: hello
    headers: {}
    status: {code: 200, message: OK}
version: 1
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "Expected `object`, got `null`", id="empty"),
        pytest.param("hello", "Expected `object`, got `str`", id="a text"),
        pytest.param("- request: {}", "Expected `object`, got `array`", id="the format before version 1"),
        pytest.param(INTERACTION.replace("version: 1", "version: 2"), r"version", id="a version of the future"),
        pytest.param(INTERACTION[:160], "response", id="cut short"),
        pytest.param(INTERACTION[:-40], "line", id="cut within a value"),
        pytest.param(INTERACTION.replace("hello", "!!python/object/apply:os.getcwd []"), "tag", id="a tag that acts"),
        pytest.param(
            INTERACTION.replace("hello", "!!timestamp 2026-11-02"), "tags are not allowed", id="a harmless tag"
        ),
        pytest.param(INTERACTION.replace("hello", "&a [*a]"), "aliases are not allowed", id="an alias"),
        pytest.param(INTERACTION.replace("body: null", "body: 1\n    body: 2"), "twice", id="a key twice"),
        pytest.param(INTERACTION.replace("hello", "{}"), "a body is text, not dict", id="an object as body"),
        pytest.param(INTERACTION.replace("GET", "1"), "request.method", id="a number as method"),
        pytest.param(INTERACTION.replace("example.com", "h:99999"), "[Pp]ort", id="a port that cannot be"),
        pytest.param(INTERACTION.replace("200", "ok"), "status.code", id="a text as status"),
        pytest.param("\x00", "control characters", id="a control character"),
        pytest.param("a: " + "[" * 5_000, "nest", id="nested without end"),
        pytest.param("#" * (16 * 1024 * 1024 + 1), "larger than 16384 KiB", id="too large"),
    ],
)
@pytest.mark.parametrize("record_mode", ["none", "once"])
def test_a_damaged_file_is_one_clear_error(text, reason, record_mode, path):
    """It names the file and the fault. Nothing in it is acted upon, and it is never taken for empty or written over."""
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UnreadableCassetteError, match=reason) as raised:
        replay(path, lambda session: None, record_mode=record_mode)

    assert str(raised.value).startswith(f"{path} cannot be read: ")
    assert "\n" not in str(raised.value)
    assert path.read_text(encoding="utf-8") == text


def test_a_folder_is_no_cassette(tmp_path):
    """What the system says is passed on."""
    with pytest.raises(UnreadableCassetteError, match="directory"):
        replay(tmp_path, lambda session: None)


def test_a_pipe_is_no_cassette(tmp_path):
    """Whoever opens one waits until somebody writes into it."""
    os.mkfifo(tmp_path / "pipe.yaml")

    with pytest.raises(UnreadableCassetteError, match="it is no regular file"):
        replay(tmp_path / "pipe.yaml", lambda session: None)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("version: 1\ninteractions: [" + "{a: 1}, " * 200_000 + "]", "more than 500,000 parts", id="parts"),
        pytest.param("[" * 100_000, "nest", id="depth"),
        pytest.param("x: &x [1]\ny: [*x, *x]", "aliases are not allowed", id="aliases"),
        pytest.param("!!python/object/apply:os.system [ls]", "tags are not allowed", id="tags"),
        pytest.param("version: 1\nversion: 1", "the key 'version' twice", id="keys"),
        pytest.param('{"log": {"version": "1.2", "entries": []}}', "missing required field `version`", id="a HAR file"),
    ],
)
def test_a_hostile_or_foreign_file_is_one_clear_error(text, problem, path):
    """It names the file and says what to do, soon."""
    path.parent.mkdir()
    path.write_text(text)

    with pytest.raises(UnreadableCassetteError, match=f"yaml cannot be read: .*{problem}.* Mend it, or delete"):
        replay(path, lambda session: None)


def test_a_sparse_file_of_200_megabytes_is_not_read(path):
    """Its size is enough."""
    path.parent.mkdir()
    path.touch()
    os.truncate(path, 200 * 2**20)

    with pytest.raises(UnreadableCassetteError, match="it is larger than 16384 KiB"):
        replay(path, lambda session: None)


def test_a_cassette_made_by_vcrpy_replays(path):
    """Header values may be texts or lists, the body packed, and members that we do not write are passed over."""
    packed = yaml.safe_dump(gzip.compress(b"hello", mtime=0)).strip().replace("\n", "\n        ")
    text = INTERACTION.replace("string: hello", f"string: {packed}").replace(
        "headers: {}\n    status",
        "headers: {Content-Encoding: gzip, Transfer-Encoding: [chunked], Set-Cookie: [a=1, b=2]}\n"
        "    url: https://example.com/\n    status",
    )
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")

    answer = replay(path, lambda session: session.get("https://example.com/"))

    assert answer.text == "hello"
    assert answer.raw.headers.getlist("set-cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        pytest.param("code: 200", "code: 7", "code", id="no status"),
        pytest.param("uri: https://example.com/", "uri: example", "is no address such as https", id="no address"),
        pytest.param("version: 1", "version: 1\nmetadata: {recorded_against: [rig]}", "recorded_against", id="origin"),
        pytest.param("version: 1", "version: 1\nmetadata: {recorded_at: '0001-01-01T00:00:00+23:00'}", "no time",
                     id="time"),
    ],
)  # fmt: skip
def test_what_could_not_be_replayed_is_a_damage(right, wrong, problem, path):
    """It is said when the file is opened, and not in the middle of a test."""
    path.parent.mkdir()
    assert right in INTERACTION
    path.write_text(INTERACTION.replace(right, wrong))

    with pytest.raises(UnreadableCassetteError, match=problem):
        replay(path, lambda session: None)
