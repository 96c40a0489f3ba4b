"""`zaprig connect` and `zaprig zap`: the guide by command, and what it says when something is wrong."""

import json

import pytest

from mock_servers.config import fixtures

READY = str(fixtures() / "zaps" / "new_deal_to_profile.yaml")


def test_the_guide_by_command(zaprig, rig):
    """Connect, create, test trigger, pick a record, test step, publish, off and on: each names the next step."""
    assert "Connected: Ada Moreau" in zaprig("connect pipedrive --from RIG")
    assert "Connected: " + rig["clevertap"]["account_id"] in zaprig("connect clevertap --from RIG")
    assert "Next: zaprig zap test-trigger 1" in zaprig(f"zap create {READY}")
    records = json.loads(zaprig("zap test-trigger 1 --json"))["data"]
    assert [each["label"] for each in records] == ["Deal A", "Deal B", "Deal C"]
    assert "is selected" in zaprig(f"zap select-record 1 {records[2]['id']}")
    assert "Step 2: success" in zaprig("zap test-step 1 2")
    assert "is on, version 1." in zaprig("zap publish 1")
    assert "new_deal by hook" in zaprig("zap show 1")
    assert "on" in zaprig("zap list")
    assert "Nothing ran yet" in zaprig("zap runs 1")
    assert "is off, version 1." in zaprig("zap off 1")
    assert "is on, version 1." in zaprig("zap on 1")


def test_secrets_come_from_a_file_stdin_or_a_prompt(zaprig, rig):
    """Never from arguments, where a shell history would keep them; the passcode is not echoed."""
    account = {key: rig["clevertap"][key] for key in ("account_id", "passcode", "region")}
    assert "Connected" in zaprig("connect clevertap --from -", stdin=json.dumps(account))
    typed = "\n".join(account.values()) + "\n"
    prompted = zaprig("connect clevertap --title Typed", stdin=typed)
    assert "Connected: Typed" in prompted
    assert rig["clevertap"]["passcode"] not in prompted
    assert "oauth/authorize" in zaprig("connect pipedrive --sign-in")


def test_a_failed_test_step_exits_with_1(zaprig):
    """So that a script notices. The reason is printed."""
    zaprig("connect pipedrive --from RIG")
    zaprig("connect clevertap --from RIG")
    zap = json.loads(zaprig(f"zap create {READY} --json"))
    zap["steps"][0]["fields"]["profile_properties"] = "{"
    document = {key: zap[key] for key in ("title", "timezone", "trigger", "steps")}
    zaprig("zap create -", stdin=json.dumps(document))
    assert "Step 2: error" in zaprig("zap test-step 2 2", status=1)


def test_what_ran_is_shown_with_its_reason(zaprig, rig):
    """A run that failed says why in the list."""
    import requests

    zaprig("connect pipedrive --from RIG")
    zaprig("connect clevertap --from RIG")
    zaprig(f"zap create {READY}")
    zaprig("zap publish 1")
    headers = {"x-api-token": rig["pipedrive"]["api_token"]}
    requests.post(rig["pipedrive"]["url"] + "/api/v2/deals", json={"title": "Lonely"}, headers=headers, timeout=10)
    requests.post(rig["zapier"]["url"] + "/_rig/settle", json={}, timeout=10)
    shown = " ".join(zaprig("zap runs 1").split())
    assert "Errored" in shown
    [run] = json.loads(zaprig("zap runs 1 --json"))["data"]
    assert run["steps"][1]["error"]["field"] == "identity"


@pytest.mark.parametrize(
    ("line", "stdin", "parts"),
    [
        pytest.param("zap show 99", None, ["no Zap 99"], id="a Zap that is not there"),
        pytest.param("zap publish 99", None, ["no Zap 99"], id="publishing what is not there"),
        pytest.param("zap create -", "title: [", ["cannot be read", "line"], id="broken YAML"),
        pytest.param("zap create -", '{"title": ', ["cannot be read", "line"], id="broken JSON"),
        pytest.param(
            "zap create -",
            "title: 5\ntrigger: {app: pipedrive, event: won}\nsteps: [{app: clevertap, event: upload_event, x: 1}]",
            ["3 mistakes", "title:", "trigger.event:", "steps[0].x:"],
            id="a Zap file with three mistakes: all named with their paths",
        ),
        pytest.param(
            "zap create -", "5", ["1 mistake", "A Zap is an object with the keys"], id="a file that is a number"
        ),
        pytest.param("zap create -", "title: .nan", ["cannot be read", "no number in JSON"], id="not a number"),
        pytest.param("zap create -", "title: !!binary aGk=", ["tags are not allowed", "line 1"], id="a YAML tag"),
        pytest.param("connect hubspot", None, ["no app 'hubspot'", "clevertap, pipedrive"], id="an unknown app"),
        pytest.param("connect clevertap --from -", "[1]", ["must hold an object"], id="a file that holds a list"),
        pytest.param("connect clevertap --from -", "{}", ["Account ID is required"], id="a file without the fields"),
    ],
)
def test_what_is_wrong_is_said_in_words(zaprig, line, stdin, parts):
    """Exit code 1 and a message that names what, where, and what would be right."""
    said = " ".join(zaprig(line, status=1, stdin=stdin).split())
    assert all(part in said for part in parts), said


def test_an_id_is_a_number(zaprig):
    """What is no id is said before anything is asked."""
    assert "not a valid integer" in zaprig("zap show x/../y", status=2)


@pytest.mark.parametrize(
    ("url", "part"),
    [
        pytest.param("http://127.0.0.1:1", "No rig answers at http://127.0.0.1:1", id="nobody there"),
        pytest.param("127.0.0.1:1", "No rig answers at http://127.0.0.1:1", id="without http"),
        pytest.param("ftp://127.0.0.1", "no address of a rig", id="no address"),
    ],
)
def test_a_rig_that_is_not_there(zaprig, url, part):
    """The message says how to start one, or how to say where it is."""
    said = " ".join(zaprig("zap list", status=1, ZAPRIG_URL=url).split())
    assert part in said


def test_the_url_option_wins_over_the_environment(zaprig, rig):
    """`--url`, then `ZAPRIG_URL`, then the default."""
    assert "no Zap" in zaprig(f"zap list --url {rig['zapier']['url']}", ZAPRIG_URL="http://127.0.0.1:1")


def test_another_server_at_the_address_is_noticed(zaprig, rig):
    """Pipedrive's address instead of the local Zapier's: the message asks about it."""
    said = " ".join(zaprig("zap list", status=1, ZAPRIG_URL=rig["pipedrive"]["url"]).split())
    assert "is it the local Zapier" in said
