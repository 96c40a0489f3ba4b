"""What a Zap is, and what is wrong with one."""

import pytest

from connector import make_app as make_clevertap
from mock_servers.config import fixtures
from mock_servers.rig.yaml_text import read_yaml
from mock_servers.zapier.apps.pipedrive import make_app as make_pipedrive
from mock_servers.zapier.schedule import next_poll_at
from mock_servers.zapier.zaps import UnreadableZapError, Zap, problems_before_publish, read_zap

APPS = {app.key: app for app in (make_pipedrive(client_id="id", client_secret="secret"), make_clevertap())}


def document(**changes):
    """A complete Zap document, with some top-level members changed."""
    trigger = {"app": "pipedrive", "event": "new_deal", "connection": "@pipedrive"}
    fields = {"identity": "{{1__person__email}}", "profile_properties": "{}"}
    action = {"app": "clevertap", "event": "create_update_user_profile", "connection": "@clevertap", "fields": fields}
    return {"title": "T", "trigger": trigger, "steps": [action], **changes}


def test_a_complete_zap_is_read_with_its_defaults():
    """Time zone UTC and a trigger by hook unless said otherwise."""
    zap = read_zap(document(), APPS)
    assert (zap.timezone, zap.by) == ("UTC", "hook")
    assert Zap.stored(zap.view()) == zap


@pytest.mark.parametrize("name", ["new_deal_to_profile", "stage_to_profile", "stage_to_event"])
def test_the_ready_zaps_can_be_published(name):
    """The three ready Zaps have no mistake and no gap once both accounts are connected."""
    zap = read_zap(read_yaml((fixtures() / "zaps" / f"{name}.yaml").read_bytes()), APPS)
    assert problems_before_publish(zap, APPS, lambda app, reference: None) == []


TRIGGER = document()["trigger"]
ACTION = document()["steps"][0]


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        pytest.param([], [""], id="no object"),
        pytest.param({}, ["title", "trigger", "steps"], id="everything is missing"),
        pytest.param(document(title=" "), ["title"], id="a blank title"),
        pytest.param(document(title=7), ["title"], id="a title that is a number"),
        pytest.param(document(colour="red"), ["colour"], id="an unknown key"),
        pytest.param(document(timezone="Mars/Base"), ["timezone"], id="an unknown time zone"),
        pytest.param(document(timezone=3), ["timezone"], id="a time zone that is a number"),
        pytest.param(document(timezone="../etc/passwd"), ["timezone"], id="a time zone that is a path"),
        pytest.param(document(trigger="x"), ["trigger"], id="a trigger that is a text"),
        pytest.param(document(trigger={**TRIGGER, "by": "magic"}), ["trigger.by"], id="a way that does not exist"),
        pytest.param(document(trigger={**TRIGGER, "app": "hubspot"}), ["trigger.app"], id="an unknown app"),
        pytest.param(document(trigger={**TRIGGER, "event": "won_deal"}), ["trigger.event"], id="an unknown event"),
        pytest.param(document(trigger={**TRIGGER, "connection": True}), ["trigger.connection"], id="no reference"),
        pytest.param(document(trigger={**TRIGGER, "fields": {"x": 1}}), ["trigger.fields.x"], id="a field too many"),
        pytest.param(document(steps=[]), ["steps"], id="no action"),
        pytest.param(document(steps={}), ["steps"], id="actions that are no list"),
        pytest.param(document(steps=[ACTION, 5]), ["steps[1]"], id="an action that is a number"),
        pytest.param(document(steps=[{"app": "clevertap"}]), ["steps[0].event"], id="an event missing"),
        pytest.param(document(steps=[{**ACTION, "fields": []}]), ["steps[0].fields"], id="fields that are a list"),
        pytest.param(
            document(steps=[{**ACTION, "fields": {"identity": "{{2__id}}"}}]),
            ["steps[0].fields.identity"],
            id="a token of the step itself",
        ),
    ],
)
def test_every_mistake_is_named_with_its_path(given, paths):
    """A document that is no Zap is refused, and each mistake says where it is."""
    with pytest.raises(UnreadableZapError) as refused:
        read_zap(given, APPS)
    assert [problem.path for problem in refused.value.problems] == paths


def test_three_mistakes_are_named_together():
    """Several things wrong at once: all are reported."""
    with pytest.raises(UnreadableZapError) as refused:
        read_zap(document(title=None, trigger={**TRIGGER, "event": "x"}, steps=[{**ACTION, "by": "hook"}]), APPS)
    assert [problem.path for problem in refused.value.problems] == ["title", "steps[0].by", "trigger.event"]


@pytest.mark.parametrize(
    ("given", "path", "part"),
    [
        pytest.param(
            document(steps=[{**ACTION, "fields": {"profile_properties": "{}"}}]),
            "steps[0].fields.identity",
            "Identity or Object ID",
            id="Identity and Object ID both unmapped",
        ),
        pytest.param(
            document(steps=[{**ACTION, "fields": {"identity": "x"}}]),
            "steps[0].fields.profile_properties",
            "required",
            id="a required field unmapped",
        ),
        pytest.param(
            document(trigger={**TRIGGER, "connection": None}), "trigger.connection", "@pipedrive", id="no connection"
        ),
    ],
)
def test_a_gap_greys_out_publish(given, path, part):
    """An incomplete Zap is kept as a draft, but cannot be published. (Guide, step 9; assumed)"""
    zap = read_zap(given, APPS)
    [problem] = problems_before_publish(zap, APPS, lambda app, reference: None)
    assert problem.path == path
    assert part in problem.message


def test_one_of_identity_and_object_id_is_enough():
    """Identity may stay blank when Object ID is given, and the reverse. (Guide, step 5; documented)"""
    for key in ("identity", "object_id"):
        zap = read_zap(document(steps=[{**ACTION, "fields": {key: "x", "profile_properties": "{}"}}]), APPS)
        assert problems_before_publish(zap, APPS, lambda app, reference: None) == []


def test_a_poll_that_slept_long_goes_on_from_now(at):
    """The next poll is one interval after the last was due; after a long sleep, one interval from now."""
    assert next_poll_at(at(0), at(10), "free") == at(15 * 60)
    assert next_poll_at(at(0), at(86_400), "free") == at(86_400 + 15 * 60)
