"""The editor: test trigger, pick a record, test step, publish, and what it refuses. (Guide, steps 2 to 6)"""

import pytest


@pytest.fixture
def deals(pipedrive, stack):
    """Four deals, a minute apart."""
    made = []
    for number in range(1, 5):
        person = {"name": f"Person {number}", "email": f"p{number}@example.com"}
        made.append(pipedrive.add_deal(title=f"Deal no. {number}", person=person))
        stack.advance(minutes=1)
    return made


@pytest.fixture
def zap(zapier):
    zapier.connect_both()
    return zapier.create("new_deal_to_profile")


def test_test_trigger_lists_three_newest_first(zapier, deals, zap):
    """At most three records, newest first, called Deal A, B, C; the newest is selected. (Step 3)"""
    answer = zapier.call("POST", f"/api/zaps/{zap}/test-trigger", {})
    assert [(each["label"], each["record"]["title"]) for each in answer["data"]] == [
        ("Deal A", "Deal no. 4"),
        ("Deal B", "Deal no. 3"),
        ("Deal C", "Deal no. 2"),
    ]
    assert answer["selected_record"] == answer["data"][0]["id"]


def test_the_selected_record_is_the_sample_and_test_step_really_writes(zapier, clevertap, deals, zap):
    """Continue with the selected record; Test step runs the action for real. (Steps 3 and 6)"""
    records = zapier.call("POST", f"/api/zaps/{zap}/test-trigger", {})["data"]
    zapier.call("POST", f"/api/zaps/{zap}/select-record", {"record_id": records[1]["id"]})
    tested = zapier.call("POST", f"/api/zaps/{zap}/steps/2/test", {})
    assert (tested["status"], tested["error"]) == ("success", None)
    assert tested["data_in"]["identity"] == "p3@example.com"
    assert tested["data_out"]["status"] == "success"
    assert clevertap.profile("p3@example.com")["name"] == "Person 3"
    assert clevertap.profile("p4@example.com") is None


def test_testing_remembers_nothing_as_seen(stack, zapier, pipedrive, deals, zap, ada):
    """The test stores nothing in the list of what was seen, and fires nothing. (Zapier 4.2; assumed)"""
    zapier.call("POST", f"/api/zaps/{zap}/test-trigger", {})
    zapier.call("POST", f"/api/zaps/{zap}/publish", {})
    stack.settle()
    assert zapier.runs(zap) == []
    pipedrive.add_deal(person=ada)
    stack.settle()
    assert len(zapier.runs(zap)) == 1


def test_without_records_the_sample_is_used(zapier, clevertap, zap):
    """Nothing found is said; a step can be tested with the app's sample all the same. (Zapier 4.2; documented)"""
    nothing = zapier.ask("POST", f"/api/zaps/{zap}/test-trigger", {})
    assert nothing.status_code == 409
    assert "No deal was found" in nothing.json()["error"]["message"]
    tested = zapier.call("POST", f"/api/zaps/{zap}/steps/2/test", {})
    assert tested["data_in"]["identity"] == "sam.sample@example.com"


def test_a_failed_test_step_says_why(zapier, zap):
    """The error is shown with the values that were sent. (Zapier 4.6; documented)"""
    fields = {**zapier.show(zap)["steps"][0]["fields"], "profile_properties": '{"Email": "nope"}'}
    zapier.call("PATCH", f"/api/zaps/{zap}", {"steps": [{**zapier.show(zap)["steps"][0], "fields": fields}]})
    tested = zapier.call("POST", f"/api/zaps/{zap}/steps/2/test", {})
    assert (tested["status"], tested["data_out"]) == ("error", None)
    assert tested["error"]["type"] == "RecordRejectedError"
    assert "Email is not valid" in tested["error"]["message"]


def test_publishing_an_incomplete_zap_names_everything(zapier):
    """Publish is greyed out while something is to be done; all of it is listed with its path. (Zapier 4.7)"""
    zap = zapier.create("new_deal_to_profile", fields={"identity": "", "profile_properties": ""})
    refused = zapier.ask("POST", f"/api/zaps/{zap}/publish", {})
    assert refused.status_code == 422
    assert [problem["path"] for problem in refused.json()["error"]["problems"]] == [
        "trigger.connection",
        "steps[0].connection",
        "steps[0].fields.profile_properties",
        "steps[0].fields.identity",
    ]
    assert zapier.show(zap)["state"] == "draft"


def test_editing_a_published_zap_touches_only_its_draft(stack, zapier, pipedrive, clevertap, zap, ada):
    """The live version runs on until the draft is published; the hook is not subscribed anew. (Zapier 4.7)"""
    zapier.call("POST", f"/api/zaps/{zap}/publish", {})
    [webhook] = pipedrive.webhooks()
    step = zapier.show(zap)["steps"][0]
    fields = {**step["fields"], "profile_properties": '{"Edited": true}'}
    zapier.call("PATCH", f"/api/zaps/{zap}", {"steps": [{**step, "fields": fields}], "title": "Edited"})
    shown = zapier.show(zap)
    assert (shown["state"], shown["has_draft"], shown["version"]) == ("on", True, 1)

    pipedrive.add_deal(person=ada)
    stack.settle()
    assert "Edited" not in clevertap.profile("ada@example.com")["profileData"]

    published = zapier.call("POST", f"/api/zaps/{zap}/publish", {})
    assert (published["version"], published["has_draft"]) == (2, False)
    assert [each["id"] for each in pipedrive.webhooks()] == [webhook["id"]]
    pipedrive.add_deal(person=ada)
    stack.settle()
    assert clevertap.profile("ada@example.com")["profileData"]["Edited"] is True


def test_a_changed_trigger_gets_a_new_subscription(zapier, pipedrive, zap):
    """Publishing a draft with another trigger subscribes anew and takes the old hook back. (Zapier 3.2)"""
    zapier.call("POST", f"/api/zaps/{zap}/publish", {})
    before = pipedrive.webhooks()
    trigger = {**zapier.show(zap)["trigger"], "event": "updated_deal"}
    zapier.call("PATCH", f"/api/zaps/{zap}", {"trigger": trigger})
    zapier.call("POST", f"/api/zaps/{zap}/publish", {})
    [after] = pipedrive.webhooks()
    assert after["id"] != before[0]["id"]
    assert after["event_action"] == "change"


def test_the_hook_of_a_zap_that_is_off_is_gone(stack, zapier, zap):
    """A delivery after unsubscribing gets 410. (Zapier 3.2; documented)"""
    hook = zapier.call("POST", f"/api/zaps/{zap}/publish", {})["hook_url"]
    assert stack.session.post(hook, json={"data": {}}).status_code == 200
    zapier.call("POST", f"/api/zaps/{zap}/off", {})
    assert stack.session.post(hook, json={"data": {}}).status_code == 410
    assert zapier.show(zap)["hook_url"] is None


def test_the_same_delivery_twice_runs_once_and_a_retry_runs_again(stack, zapier, pipedrive, zap, ada):
    """Our own mark of a delivery tells a repetition after a crash from a retry, which runs twice as in life. (Ours)"""
    hook = zapier.call("POST", f"/api/zaps/{zap}/publish", {})["hook_url"]
    deal = pipedrive.add_deal(person=ada)
    stack.settle()
    body = {"data": {"id": deal["id"]}, "meta": {"action": "create"}}
    for mark in ("pipedrive/9/1", "pipedrive/9/1", "pipedrive/9/2"):
        assert stack.session.post(hook, json=body, headers={"X-Zaprig-Delivery": mark}).status_code == 200
    stack.settle()
    assert len(zapier.runs(zap)) == 3


@pytest.mark.parametrize(
    "body",
    [
        pytest.param([1], id="a list"),
        pytest.param({"data": "x"}, id="data that is a text"),
        pytest.param({"data": {}}, id="no id"),
        pytest.param({"data": {"id": "../../v1/users/me"}}, id="an id that is another path"),
        pytest.param({"data": {"id": True}}, id="an id that is a boolean"),
        pytest.param({"data": {"id": 1}, "previous": [1]}, id="previous that is a list"),
    ],
)
def test_a_delivery_that_is_no_event_ends_as_a_run_that_says_so(stack, zapier, zap, body):
    """Anybody can send anything to a hook address; nothing of it reaches a path of the API. (Ours)"""
    hook = zapier.call("POST", f"/api/zaps/{zap}/publish", {})["hook_url"]
    calls = len(stack.journal.entries("pipedrive"))
    assert stack.session.post(hook, json=body).status_code == 200
    stack.settle()
    run = zapier.the_run(zap)
    assert (run["status"], run["steps"][0]["error"]["field"]) == ("error", "delivery")
    assert "Pipedrive event" in run["steps"][0]["error"]["message"]
    assert len(stack.journal.entries("pipedrive")) == calls


def test_a_deletion_is_no_news_of_a_deal(stack, zapier, zap):
    """An event without data is not meant for these triggers. (Pipedrive 5.2; documented)"""
    hook = zapier.call("POST", f"/api/zaps/{zap}/publish", {})["hook_url"]
    stack.session.post(hook, json={"meta": {"action": "delete"}, "data": None, "previous": {"id": 1}})
    stack.settle()
    assert zapier.runs(zap) == []


def test_replay_does_the_failed_step_again(stack, zapier, pipedrive, clevertap, zap, ada):
    """A failed run is replayed from its failed step, with the record it had. (Zapier 3.7; documented)"""
    zapier.call("POST", f"/api/zaps/{zap}/publish", {})
    account = stack.clevertap.default_credentials()["account_id"]
    [passcode] = clevertap.call("GET", f"/_rig/accounts/{account}/passcodes")["data"]
    clevertap.call("DELETE", f"/_rig/accounts/{account}/passcodes/{passcode['id']}")
    pipedrive.add_deal(person=ada)
    stack.settle()
    failed = zapier.the_run(zap)
    assert failed["steps"][1]["error"]["type"] == "AuthenticationError"

    replayed = zapier.call("POST", f"/api/runs/{failed['id']}/replay", {})
    assert replayed["status"] == "pending"
    stack.settle()
    assert zapier.the_run(zap)["status"] == "error"
    assert len([call for call in stack.journal.entries("zapier") if call.address.endswith("/1/upload")]) == 2
    succeeded = zapier.ask("POST", f"/api/runs/{failed['id'][:-1]}x/replay", {})
    assert succeeded.status_code == 404


def test_a_run_that_succeeded_is_not_replayed(stack, zapier, pipedrive, zap, ada):
    """Only failed runs are replayed. (Zapier 3.7; documented)"""
    zapier.call("POST", f"/api/zaps/{zap}/publish", {})
    pipedrive.add_deal(person=ada)
    stack.settle()
    refused = zapier.ask("POST", f"/api/runs/{zapier.the_run(zap)['id']}/replay", {})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_replayable")


def test_polling_out_of_turn(stack, zapier, pipedrive, ada):
    """A poll can be asked for; what it finds is not found again by the next. (Ours)"""
    zap = zapier.publish("new_deal_to_profile", by="polling")
    pipedrive.add_deal(person=ada)
    assert zapier.call("POST", f"/api/zaps/{zap}/poll", {})["new_records"] == 1
    assert zapier.call("POST", f"/api/zaps/{zap}/poll", {})["new_records"] == 0
    stack.advance(minutes=30)
    assert len(zapier.runs(zap)) == 1


def test_polls_come_at_the_interval_of_the_plan(stack, zapier):
    """Free polls every 15 minutes. (Zapier 3.1; documented)"""
    zapier.publish("new_deal_to_profile", by="polling")
    before = len([each for each in stack.journal.entries("zapier") if "/api/v2/deals?" in each.address])
    stack.advance(minutes=45)
    after = len([each for each in stack.journal.entries("zapier") if "/api/v2/deals?" in each.address])
    assert after - before == 3


def test_a_deleted_zap_takes_its_hook_and_runs_along(stack, zapier, pipedrive, zap, ada):
    """Deleting turns off first, and everything of the Zap is gone."""
    zapier.call("POST", f"/api/zaps/{zap}/publish", {})
    pipedrive.add_deal(person=ada)
    stack.settle()
    run = zapier.the_run(zap)
    zapier.call("DELETE", f"/api/zaps/{zap}")
    assert pipedrive.webhooks() == []
    assert zapier.ask("GET", f"/api/zaps/{zap}").status_code == 404
    assert zapier.ask("GET", f"/api/runs/{run['id']}").status_code == 404


@pytest.mark.parametrize("plan", [[], {}, 5, None, "gold"], ids=str)
def test_a_plan_that_does_not_exist_is_said(zapier, plan):
    """Whatever stands there, the plans there are get named. (Ours)"""
    refused = zapier.ask("POST", "/_rig/accounts", {"plan": plan})
    assert refused.status_code == 422
    assert "professional" in refused.text


def test_workspaces_do_not_see_each_other(stack, zapier):
    """A workspace of its own, told apart by its token. (Ours)"""
    zapier.publish("new_deal_to_profile")
    made = zapier.call("POST", "/_rig/accounts", {"name": "Other", "plan": "professional"})
    headers = {"authorization": f"Bearer {made['token']}"}
    assert stack.session.get(f"{zapier.base}/api/zaps", headers=headers).json()["data"] == []
    assert stack.session.get(f"{zapier.base}/api/zaps/1", headers=headers).status_code == 404
    assert stack.session.get(f"{zapier.base}/api/zaps", headers={"authorization": "Bearer x"}).status_code == 401
