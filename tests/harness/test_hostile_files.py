"""Whatever is in a file: it is a cassette, or one clear error, soon."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_servers.harness.cassettes import NotRecordedError, UnreadableCassetteError, cassette
from mock_servers.rig.transport import make_session
from tests.harness.echo import NOBODY

SHIPPED = sorted((Path(__file__).parents[2] / "fixtures" / "cassettes").rglob("*.yaml"))
DOCUMENT = {
    "version": 1,
    "metadata": {"recorded_at": "2026-11-02T09:30:00Z", "recorded_against": "rig"},
    "interactions": [
        {
            "request": {
                "method": "POST",
                "uri": "https://example.com/a?b=c",
                "body": '{"a": 1}',
                "headers": {"Content-Type": ["application/json"], "X": "1"},
            },
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"Set-Cookie": ["a=1", "b=2"]},
                "body": {"string": "hello"},
            },
        }
    ],
}


def open_and_ask(path: Path) -> str:
    """`played`, `missed`, or what is wrong with the file."""
    session = make_session(NOBODY)
    try:
        with cassette(path, session):
            answer = session.post("https://example.com/a?b=c", json={"a": 1})
    except UnreadableCassetteError as error:
        return str(error)
    except NotRecordedError:
        return "missed"
    assert isinstance(answer, requests.Response)
    return "played"


def places(value: Any, *before: Any) -> list[tuple[Any, ...]]:
    """The way to each part of a document."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [before, *(way for name, part in parts for way in places(part, *before, name))]


def put(document: Any, way: tuple[Any, ...], value: Any) -> Any:
    if not way:
        return value
    changed = copy.deepcopy(document)
    inner = changed
    for name in way[:-1]:
        inner = inner[name]
    inner[way[-1]] = value
    return changed


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["", "http://", "https://h:99999/", "http://[::1", "//h/", "\n", "é", "GET"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(way=st.sampled_from(places(DOCUMENT)), value=_ANYTHING)
def test_any_value_anywhere_is_a_cassette_or_one_clear_error(way, value, tmp_path_factory):
    """No other exception, neither when it is opened nor when it is asked; and the error names the file in one line."""
    path = tmp_path_factory.getbasetemp() / "any-value.yaml"
    path.write_text(json.dumps(put(DOCUMENT, way, value)), encoding="utf-8")

    said = open_and_ask(path)

    assert said in ("played", "missed") or (said.startswith(f"{path} cannot be read: ") and "\n" not in said)


@settings(deadline=None, max_examples=200)
@given(way=st.sampled_from([way for way in places(DOCUMENT) if way]))
def test_a_part_that_is_missing_is_named(way, tmp_path_factory):
    """Whatever a cassette needs is asked for by its place; the rest may be missing."""
    document = copy.deepcopy(DOCUMENT)
    inner: Any = document
    for name in way[:-1]:
        inner = inner[name]
    del inner[way[-1]]
    path = tmp_path_factory.getbasetemp() / "missing-part.yaml"
    path.write_text(json.dumps(document), encoding="utf-8")

    said = open_and_ask(path)

    assert said in ("played", "missed") or f"missing required field `{way[-1]}`" in said


def test_the_document_is_a_cassette_as_it_is(path):
    """Else the tests around would say nothing."""
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(DOCUMENT))

    assert open_and_ask(path) == "played"


@pytest.mark.slow
def test_a_shipped_cassette_cut_off_anywhere_is_no_other_error(path):
    """Every 50 bytes: mostly it can be read no more. Cut between two interactions, it is a shorter one."""
    path.parent.mkdir()
    for shipped in SHIPPED:
        content = shipped.read_bytes()
        whole = len(yaml.safe_load(content)["interactions"])
        for size in range(0, len(content), 50):
            path.write_bytes(content[:size])
            said = open_and_ask(path)
            if said in ("played", "missed"):
                assert len(yaml.safe_load(path.read_bytes())["interactions"]) <= whole
            else:
                assert said.startswith(f"{path} cannot be read: ")


def test_200_megabytes_are_not_read(path):
    """The file has its size and takes no room; no more of it is read than a cassette may have."""
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(200 * 2**20)

    assert "larger than 16384 KiB" in open_and_ask(path)
