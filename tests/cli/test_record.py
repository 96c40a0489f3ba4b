"""`zaprig record`: the list, recordings of the rig, and what is asked before anything is sent to a real service."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mock_servers.cli import cli

ACCOUNT = {"account_id": "ABC-123-4567", "passcode": "ZXC-VBN-MASD", "region": "in1"}


@pytest.fixture
def record(tmp_path):
    """`record("upload_event")` runs the command with a folder of its own; a `status` that is not expected fails."""

    def run(line="", *, status=0, stdin=None, **env):
        arguments = ["record", *line.split(), "--to", str(tmp_path / "cassettes")]
        result = CliRunner().invoke(cli, arguments, env=env, input=stdin)
        assert result.exit_code == status, result.output
        return result.output

    return run


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_without_a_name_the_scenarios_are_listed(record, tmp_path):
    """Each with what it shows; nothing is recorded."""
    assert "upload_event-rejected" in record()
    assert names(tmp_path) == []


def test_a_scenario_becomes_a_cassette(record, tmp_path):
    """It says what came out, and where the file is."""
    assert "as expected" in record("upload_event pipedrive_delivery")
    assert names(tmp_path / "cassettes") == ["pipedrive_delivery.yaml", "upload_event.yaml"]


def test_a_cassette_is_replaced_only_on_request(record, tmp_path):
    """What was recorded live cannot be made again at will."""
    kept = tmp_path / "cassettes" / "upload_event.yaml"
    kept.parent.mkdir()
    kept.write_text("mine")

    assert "Add --again to replace it" in record("upload_event", status=1)
    assert kept.read_text() == "mine"

    record("upload_event --again")
    assert yaml.safe_load(kept.read_bytes())["metadata"]["recorded_against"] == "rig"


def test_an_unknown_scenario_is_named(record):
    """And how to see those there are."""
    assert "no scenario nope, nor. `zaprig record` lists" in record("nope nor", status=1)


# Live


def test_before_live_all_requests_are_listed_without_secrets(record, tmp_path):
    """What is prepared, recorded and cleaned up, to the account's own region. Nobody said yes, so nothing is sent."""
    said = record("upload_event --live --credentials -", stdin=json.dumps({"clevertap": ACCOUNT}), status=1)

    assert "https://in1.api.clevertap.com/1/profile.json?identity=zaprig-test@example.com" in said.replace("%40", "@")
    assert "https://in1.api.clevertap.com/1/upload" in said
    assert "https://in1.api.clevertap.com/1/delete/profiles.json" in said
    assert "Add --yes if all of this is meant" in said
    assert ACCOUNT["passcode"] not in said
    assert names(tmp_path / "cassettes") == []


@pytest.mark.parametrize(
    ("line", "credentials", "problem"),
    [
        pytest.param("upload_event", {"clevertap": {"region": "in1"}}, "lack account_id, passcode", id="not whole"),
        pytest.param("upload_event", {"pipedrive": {}}, "no object 'clevertap'", id="of another vendor"),
        pytest.param("upload_event", {"clevertap": {**ACCOUNT, "region": "zz9"}}, "must be one of", id="no region"),
        pytest.param("upload_event-throttled", {"clevertap": ACCOUNT}, "only a rig", id="only a rig can"),
    ],
)
def test_what_cannot_be_played_live_is_refused(record, line, credentials, problem):
    """Before anything is sent, in one sentence."""
    assert problem in record(f"{line} --live --credentials - --yes", stdin=json.dumps(credentials), status=1)


def test_live_credentials_may_stand_in_the_environment(record):
    """Under names that nobody sets for something else."""
    said = record("upload_event --live", status=1, ZAPRIG_LIVE_CLEVERTAP_ACCOUNT_ID="ABC-123-4567")

    assert "lack passcode, region" in said
