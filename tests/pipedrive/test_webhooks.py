"""Rules of webhooks: who wants what, what they are told, when it is tried again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mock_servers.pipedrive import webhooks
from mock_servers.pipedrive.changes import Change, what_changed
from mock_servers.pipedrive.deals import changed_deal, deleted_deal, new_deal
from mock_servers.pipedrive.organizations import Organization
from mock_servers.pipedrive.payloads import deal_webhook, webhook_view
from mock_servers.pipedrive.persons import Person
from mock_servers.pipedrive.webhooks import Event, Subscription

NOW = datetime(2026, 9, 1, 8, 15, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
WANTED = {"subscription_url": "https://hooks.example/abc", "event_action": "create", "event_object": "deal"}


@pytest.fixture
def deal(ada, lead_in):
    return new_deal({"title": "Birch", "value": 5000.0}, id=901, by=ada, stage=lead_in, now=NOW)


def to_deals(action="*", entity="*"):
    return Subscription(7, 5010, 5010, action, entity, "https://hooks.example/abc", NOW)


def test_what_changed(deal):
    """New is create, marked as deleted is delete, any other difference is change, none is nothing. (facts 5.2)"""
    renamed = changed_deal(deal, {"title": "Oak"}, stage=None, now=LATER)
    assert what_changed(None, deal) == Change("create", None, deal)
    assert what_changed(deal, renamed) == Change("change", deal, renamed)
    assert what_changed(deal, deleted_deal(deal, LATER)).action == "delete"
    assert what_changed(deal, deal) is None


@pytest.mark.parametrize(
    ("action", "entity", "is_wanted"),
    [
        pytest.param("create", "deal", True, id="exactly that"),
        pytest.param("change", "deal", False, id="another action"),
        pytest.param("create", "person", False, id="another object"),
        pytest.param("*", "deal", True, id="any action"),
        pytest.param("create", "*", True, id="any object"),
        pytest.param("*", "*", True, id="everything"),
    ],
)
def test_who_wants_a_new_deal(deal, action, entity, is_wanted):
    """`*` matches all. (facts 5.6)"""
    subscription = to_deals(action, entity)
    assert webhooks.wanted_by(Change("create", None, deal), [subscription]) == ([subscription] if is_wanted else [])


@pytest.mark.parametrize(
    ("more", "faults"),
    [
        pytest.param({}, [], id="complete, without a name"),
        pytest.param({"event_action": "added"}, ["event_action"], id="v1's action with 2.0"),
        pytest.param({"event_object": "deal_product"}, [], id="an object that nothing here has"),
        pytest.param({"event_object": "board"}, [], id="another one"),
        pytest.param({"subscription_url": "http://a..b/"}, ["subscription_url"] * 2, id="a host with an empty part"),
        pytest.param({"event_object": "cake"}, ["event_object"], id="an unknown object"),
        pytest.param({"version": "1.0"}, ["version"], id="1.0 is not imitated yet"),
        pytest.param({"version": "3.0"}, ["version"], id="an unknown version"),
        pytest.param({"name": "x" * 256}, ["name"], id="a long name"),
        pytest.param({"subscription_url": "not an address"}, ["subscription_url"], id="no address"),
        pytest.param({"subscription_url": "ftp://hooks.example/"}, ["subscription_url"], id="not http"),
        pytest.param({"subscription_url": "https://hooks.example:x/"}, ["subscription_url"], id="a wrong port"),
        pytest.param({"user_id": {}}, ["user_id"], id="a user that is no number"),
    ],
)
def test_what_can_be_subscribed_to(more, faults):
    """The keys of a subscription. (facts 5.1)"""
    assert [fault.path for fault in webhooks.read_fields({**WANTED, **more})[1]] == faults


def test_everything_wrong_is_said_at_once():
    """A subscription with nothing in it lacks three things."""
    assert [fault.path for fault in webhooks.read_fields({})[1]] == ["subscription_url", "event_action", "event_object"]


@pytest.fixture
def body_of(ada):
    """The body of a change from one deal to the other."""

    def make(before, after):
        change = what_changed(before, after)
        event = Event(change, ada, "event-id", "correlation-id", LATER, (5010, 5011))
        return webhooks.body(event, to_deals(), before and deal_webhook(before), deal_webhook(after))

    return make


def test_a_create_has_no_previous(deal, body_of):
    """create: the new state, and null. (facts 5.2)"""
    body = body_of(None, deal)
    assert (body["data"]["id"], body["data"]["update_time"], body["previous"]) == (901, None, None)


def test_a_move_is_a_change_that_names_the_old_stage(deal, lead_in, body_of):
    """change: the complete new state, and of the old one only what changed. (facts 5.2)"""
    moved = changed_deal(deal, {}, stage=replace(lead_in, id=12), now=LATER)
    body = body_of(deal, moved)
    assert body["meta"]["action"] == "change"
    assert body["previous"] == {"stage_id": 11, "stage_change_time": None, "update_time": None}
    assert (body["data"]["stage_id"], body["data"]["title"]) == (12, "Birch")


def test_a_renaming_does_not_name_the_stage(deal, body_of):
    """`previous.stage_id` is missing unless the stage changed. (facts 5.2)"""
    assert body_of(deal, changed_deal(deal, {"title": "Oak"}, stage=None, now=LATER))["previous"] == {
        "title": "Birch",
        "update_time": None,
    }


def test_two_changes_within_a_second(deal, lead_in, body_of):
    """The old times are told even if the new ones are equal. (facts 5.2, assumed)"""
    moved = changed_deal(deal, {}, stage=replace(lead_in, id=12), now=LATER)
    at = "2026-09-02T08:15:30Z"
    again = changed_deal(moved, {}, stage=replace(lead_in, id=13), now=LATER)
    assert body_of(moved, again)["previous"] == {"stage_id": 12, "stage_change_time": at, "update_time": at}
    renamed = changed_deal(moved, {"title": "Oak"}, stage=None, now=LATER)
    assert body_of(moved, renamed)["previous"] == {"title": "Birch", "update_time": at}


def test_a_move_to_another_pipeline_names_the_old_one(deal, lead_in, body_of):
    """`pipeline_id` is among the old values if it changed. (facts 5.2, assumed)"""
    moved = changed_deal(deal, {}, stage=replace(lead_in, id=21, pipeline_id=2), now=LATER)
    assert body_of(deal, moved)["previous"] == {
        "stage_id": 11,
        "pipeline_id": 1,
        "stage_change_time": None,
        "update_time": None,
    }


def test_archiving_shows(deal, body_of):
    """`is_archived` is told, before and after. (facts 5.2, assumed)"""
    body = body_of(deal, changed_deal(deal, {"is_archived": True}, stage=None, now=LATER))
    assert (body["data"]["is_archived"], body["previous"]) == (True, {"is_archived": False, "update_time": None})


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(Person(301, "Lena", "Lena", None, 5010, None, NOW, label_ids=(7,)), id="a person"),
        pytest.param(Organization(401, "Birch", 5010, NOW, label_ids=(7,)), id="an organization"),
    ],
)
def test_a_change_of_labels_shows(record):
    """All labels are told, beside the first. (facts 5.2, assumed)"""
    before, after = webhook_view(record), webhook_view(replace(record, label_ids=(7, 9)))
    assert (after["label"], after["label_ids"]) == (7, [7, 9])
    assert webhooks.previous_of(before, after) == {"label_ids": [7], "update_time": None}


def test_a_delete_has_only_the_previous(deal, body_of):
    """delete: null, and the complete last state. (facts 5.2)"""
    body = body_of(deal, deleted_deal(deal, LATER))
    assert (body["data"], body["previous"]) == (None, deal_webhook(deal))


def test_what_is_said_about_a_change(deal, body_of):
    """Ids in meta are texts; who did it, when and in which company. (facts 5.2)"""
    assert body_of(None, deal)["meta"] == {
        "action": "create",
        "entity": "deal",
        "company_id": "700101",
        "correlation_id": "correlation-id",
        "entity_id": "901",
        "id": "event-id",
        "is_bulk_edit": False,
        "timestamp": "2026-09-02T08:15:30.000Z",
        "type": "general",
        "user_id": "5010",
        "version": "2.0",
        "webhook_id": "7",
        "webhook_owner_id": "5010",
        "change_source": "api",
        "attempt": 1,
        "host": "northlight.pipedrive.com",
        "permitted_user_ids": ["5010", "5011"],
    }


def test_a_deal_tells_no_name_email_or_phone(deal):
    """The keys of a deal in a webhook: the documented ones, and `is_archived` (assumed). (facts 5.2)"""
    assert sorted(deal_webhook(deal)) == sorted(
        [
            "add_time",
            "channel",
            "channel_id",
            "close_time",
            "creator_user_id",
            "currency",
            "custom_fields",
            "expected_close_date",
            "first_won_time",
            "id",
            "is_archived",
            "label_ids",
            "lost_reason",
            "lost_time",
            "org_id",
            "origin",
            "origin_id",
            "owner_id",
            "person_id",
            "pipeline_id",
            "probability",
            "stage_change_time",
            "stage_id",
            "status",
            "title",
            "update_time",
            "value",
            "visible_to",
            "won_time",
        ]
    )


@pytest.mark.parametrize(
    ("status", "is_success"),
    [
        pytest.param(200, True, id="200"),
        pytest.param(204, True, id="204"),
        pytest.param(302, False, id="a redirect"),
        pytest.param(410, False, id="gone"),
        pytest.param(500, False, id="a fault"),
        pytest.param(None, False, id="no answer"),
    ],
)
def test_what_counts_as_delivered(status, is_success):
    """Any 2xx and nothing else. (facts 5.5)"""
    assert webhooks.is_success(status) is is_success


def test_how_long_a_failed_delivery_waits():
    """3, 30 and 150 seconds, then it is dropped. (facts 5.5)"""
    waits = [webhooks.wait_after(attempt) for attempt in (1, 2, 3, 4)]
    assert waits == [timedelta(seconds=3), timedelta(seconds=30), timedelta(seconds=150), None]
