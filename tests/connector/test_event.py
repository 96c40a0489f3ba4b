"""The action "Upload Event": from form values to one record."""

import pytest

from connector import InputError, build_event_record
from connector.event import perform

BASE = {"identity": "42", "event_name": "Deal Stage Changed"}


def test_a_full_form_makes_a_full_record_in_the_documented_order():
    """type, identity, objectId, ts, evtName, evtData. (docs/upload-events-api; documented)"""
    record = build_event_record(
        {
            "identity": 42,
            "object_id": "__abc",
            "creation_date": 1520262960000,
            "event_name": " Deal Stage Changed ",
            "event_properties": '{"Stage": "Won", "Value": 1200.5}',
        }
    )
    assert list(record.items()) == [
        ("type", "event"),
        ("identity", "42"),
        ("objectId", "__abc"),
        ("ts", 1520262960),
        ("evtName", "Deal Stage Changed"),
        ("evtData", {"Stage": "Won", "Value": 1200.5}),
    ]


@pytest.mark.parametrize("properties", [None, "", "{}"])
def test_properties_may_be_left_out(properties):
    """Then the event data is an empty object. (CleverTap's Node example; documented)"""
    record = build_event_record({**BASE, "event_properties": properties})
    assert record == {"type": "event", "identity": "42", "evtName": "Deal Stage Changed", "evtData": {}}


def test_both_keys_blank_is_refused_by_their_labels():
    """Here the field is called User ID. (docs.clevertap.com/docs/pipedrive-via-zapier; documented)"""
    with pytest.raises(InputError, match="User ID and Object ID are both blank") as caught:
        build_event_record({"event_name": "Won"})
    assert caught.value.field == "identity"


@pytest.mark.parametrize("name", [None, "", "  ", ["Won"], True])
def test_an_event_needs_a_name(name):
    """Without one CleverTap answers 509. (docs/api-errors; documented)"""
    with pytest.raises(InputError) as caught:
        build_event_record({**BASE, "event_name": name})
    assert caught.value.field == "event_name"


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        pytest.param("Deal Won", {"Items": [{"a": 1}]}, {"Items": '[{"a":1}]'}, id="Items of another event"),
        pytest.param("Charged", {"Items": [{"a": 1}]}, {"Items": [{"a": 1}]}, id="Items of a purchase"),
        pytest.param("Charged", {"Items": {"a": 1}}, {"Items": '{"a":1}'}, id="Items of a purchase, but no list"),
        pytest.param("Charged", {"Tags": ["a"]}, {"Tags": '["a"]'}, id="another list of a purchase"),
        pytest.param("charged", {"Items": [1]}, {"Items": "[1]"}, id="a name of one's own"),
        pytest.param("Deal Won", {"P": {"$add": ["a"]}}, {"P": '{"$add":["a"]}'}, id="operators are for profiles"),
        pytest.param("Deal Won", {"P": None, "Q": 1}, {"Q": 1}, id="null"),
    ],
)
def test_event_data_is_flat_but_for_the_items_of_a_purchase(name, value, sent):
    """Arrays and objects are an invalid structure, code 512. (docs/upload-events-api; documented)"""
    assert build_event_record({**BASE, "event_name": name, "event_properties": value})["evtData"] == sent


def test_perform_sends_one_record_and_tells_what_became_of_it(session, service, make_bundle):
    """The result is a profile's and the event's name."""
    bundle = make_bundle(**BASE, event_properties='{"Stage": "Won"}')
    assert perform(session, bundle) == {
        "id": "42",
        "status": "success",
        "processed": 1,
        "identity": "42",
        "object_id": None,
        "ts": None,
        "event_name": "Deal Stage Changed",
    }
    (record,) = service.records
    assert record["evtData"] == {"Stage": "Won"}
