"""The guide, step by step, through the whole stack. (CleverTap's page "Pipedrive via Zapier")"""

import pytest

HOW = pytest.mark.parametrize("by", ["hook", "polling"])


@HOW
def test_new_deal_becomes_a_profile(stack, pipedrive, zapier, clevertap, ada, by):
    """Once the Zap is published, a new deal creates a profile with name, e-mail, phone and deal data. (Step 7)"""
    zap = zapier.publish("new_deal_to_profile", by=by)
    pipedrive.add_deal(title="Red bicycle", value=1200.5, currency="EUR", person=ada, expected_close_date="2026-12-24")

    stack.advance(minutes=15)

    profile = clevertap.profile("ada@example.com")
    assert (profile["name"], profile["email"], profile["phone"]) == ("Ada Moreau", "ada@example.com", "+442079460958")
    assert profile["profileData"] == {
        "Deal Title": "Red bicycle",
        "Deal Value": 1200.5,
        "Deal Currency": "EUR",
        "Deal Stage": "Qualified",
        "Expected Close Date": "2026-12-24",
    }
    run = zapier.the_run(zap)
    assert (run["status"], [step["status"] for step in run["steps"]]) == ("success", ["success", "success"])
    assert run["steps"][0]["data_out"]["person"]["email"] == "ada@example.com"
    assert run["steps"][1]["data_in"]["identity"] == "ada@example.com"


@HOW
def test_a_moved_deal_updates_the_profile(stack, pipedrive, zapier, clevertap, ada, by):
    """A deal that moves to a new stage updates the same profile; what is not mentioned stays. (Step 7, use case b)"""
    zapier.publish("new_deal_to_profile", by=by)
    zap = zapier.publish("stage_to_profile", by=by)
    deal = pipedrive.add_deal(title="Red bicycle", person=ada)
    stack.advance(minutes=15)
    before = clevertap.profile("ada@example.com")

    pipedrive.move_deal(deal["id"], "Demo Scheduled")
    stack.advance(minutes=15)

    after = clevertap.profile("ada@example.com")
    assert before["profileData"]["Deal Stage"] == "Qualified"
    assert after == {**before, "profileData": {**before["profileData"], "Deal Stage": "Demo Scheduled"}}
    assert zapier.the_run(zap)["status"] == "success"


@HOW
def test_a_moved_deal_uploads_an_event(stack, pipedrive, zapier, clevertap, ada, by):
    """A stage change uploads an event with value, expected close date and stage. (Step 7, use case c)"""
    zap = zapier.publish("stage_to_event", by=by)
    deal = pipedrive.add_deal(title="Red bicycle", value=300, person=ada, expected_close_date="2026-12-24")

    stack.advance(minutes=15)
    moved = pipedrive.move_deal(deal["id"], "Negotiations Started")
    stack.advance(minutes=15)

    [event] = clevertap.events("Deal Stage Changed")
    properties = event["event_props"]
    assert properties["Stage"] == "Negotiations Started"
    assert properties["Deal Value"] == 300
    assert properties["Expected Close Date"] == "2026-12-24"
    assert event["profile"]["identity"] == "ada@example.com"
    run = zapier.the_run(zap)
    record = run["steps"][0]["data_out"]
    assert record["stage_change_time"] == moved["stage_change_time"]
    assert record["previous_stage_id"] == (deal["stage_id"] if by == "hook" else None)


def test_other_changes_of_a_deal_are_no_stage_change(stack, pipedrive, zapier, ada):
    """Renaming a deal gives a change event too, but no run of Updated Deal Stage. (Pipedrive 5.2; documented)"""
    zap = zapier.publish("stage_to_event")
    deal = pipedrive.add_deal(person=ada)
    pipedrive.update_deal(deal["id"], title="Another name")
    stack.advance(minutes=15)
    assert zapier.runs(zap) == []


@HOW
def test_updated_deal_runs_on_every_change(stack, pipedrive, zapier, clevertap, ada, by):
    """Updated Deal fires when an existing deal is updated, not when it is made. (Pipedrive 7.1; observed)"""
    trigger = {"app": "pipedrive", "event": "updated_deal", "connection": "@pipedrive", "by": by}
    zap = zapier.publish("new_deal_to_profile", trigger=trigger)
    deal = pipedrive.add_deal(person=ada)
    stack.advance(minutes=15)
    assert zapier.runs(zap) == []
    pipedrive.update_deal(deal["id"], title="Renamed")
    stack.advance(minutes=15)
    assert zapier.the_run(zap)["status"] == "success"
    assert clevertap.profile("ada@example.com")["profileData"]["Deal Title"] == "Renamed"


def test_two_quick_moves_are_two_events_with_their_own_stages(stack, pipedrive, zapier, clevertap, ada):
    """Each run tells of the stage that its event told of, although both are read after the second move. (Assumed)"""
    zapier.publish("stage_to_event")
    deal = pipedrive.add_deal(person=ada)
    pipedrive.move_deal(deal["id"], "Contact Made")
    pipedrive.move_deal(deal["id"], "Demo Scheduled")
    stack.settle()
    stages = [event["event_props"]["Stage"] for event in clevertap.events("Deal Stage Changed")]
    assert sorted(stages) == ["Contact Made", "Demo Scheduled"]


def test_what_was_there_before_publishing_never_fires(stack, pipedrive, zapier, ada):
    """The first poll fills the list of what was seen and fires nothing. (Zapier 3.1; documented)"""
    pipedrive.add_deal(person=ada)
    zap = zapier.publish("new_deal_to_profile", by="polling")
    stack.advance(hours=2)
    assert zapier.runs(zap) == []


@HOW
def test_what_happens_while_a_zap_is_off_never_fires(stack, pipedrive, zapier, ada, by):
    """Off: unsubscribed, or the polling list cleared; on again starts from scratch. (Zapier 4.7; documented)"""
    zap = zapier.publish("new_deal_to_profile", by=by)
    zapier.call("POST", f"/api/zaps/{zap}/off", {})
    assert pipedrive.webhooks() == []
    pipedrive.add_deal(title="While off", person=ada)
    stack.advance(minutes=30)
    zapier.call("POST", f"/api/zaps/{zap}/on", {})
    pipedrive.add_deal(title="While on", person=ada)
    stack.advance(minutes=30)
    run = zapier.the_run(zap)
    assert run["steps"][0]["data_out"]["title"] == "While on"


@HOW
@pytest.mark.parametrize(
    "person", [pytest.param(None, id="no person"), pytest.param({"name": "No Mail"}, id="a person without e-mail")]
)
def test_a_deal_without_an_identity_ends_as_a_run_that_says_so(stack, pipedrive, zapier, by, person):
    """Mapped but blank in a live run: the run ends with an error that names the field. (Guide, step 9)"""
    zap = zapier.publish("new_deal_to_profile", by=by)
    pipedrive.add_deal(person=person)
    stack.advance(minutes=15)
    run = zapier.the_run(zap)
    assert run["status"] == "error"
    error = run["steps"][1]["error"]
    assert (error["type"], error["field"]) == ("InputError", "identity")
    assert "Identity" in error["message"]
    assert "Object ID" in error["message"]


def test_a_quote_in_a_title_breaks_the_json_as_in_life(stack, pipedrive, zapier, ada):
    """Values are put into JSON text as they are; the run says which field is broken and where. (Zapier 4.3; assumed)"""
    zap = zapier.publish("new_deal_to_profile")
    pipedrive.add_deal(title='The "big" one', person=ada)
    stack.settle()
    run = zapier.the_run(zap)
    assert run["status"] == "error"
    assert run["steps"][1]["error"]["field"] == "profile_properties"
    assert "line" in run["steps"][1]["error"]["message"]


def test_the_same_seed_and_clock_give_the_same_bytes(at):
    """Two runs with the same random seed and clock are equal byte for byte."""
    from mock_servers.config import Config
    from mock_servers.rig.clock import Clock
    from mock_servers.stack import build_stack
    from tests.stories.conftest import PipedriveDriver, ZapierDriver

    def play():
        with build_stack(Config(deals=5), clock=Clock.frozen(at(0))) as stack:
            zapier, pipedrive = ZapierDriver(stack), PipedriveDriver(stack)
            for name in ("new_deal_to_profile", "stage_to_profile", "stage_to_event"):
                zapier.publish(name)
            deal = pipedrive.add_deal(person={"name": "Ada", "email": "ada@example.com"})
            pipedrive.move_deal(deal["id"], "Contact Made")
            stack.advance(minutes=15)
            exchanges = [{**entry.view(), "duration_ms": 0} for entry in stack.journal.entries()]
            return str(exchanges), [zapier.runs(zap) for zap in (1, 2, 3)]

    assert play() == play()
