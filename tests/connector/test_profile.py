"""The action "Create/Update User Profile": from form values to one record."""

import pytest

from connector import InputError, RecordRejectedError, build_profile_record
from connector.profile import perform

BASE = {"identity": "42", "profile_properties": '{"Name": "Ada"}'}


def test_a_full_form_makes_a_full_record_in_the_documented_order():
    """type, identity, objectId, ts, profileData. (docs/upload-user-profiles-api; documented)"""
    record = build_profile_record(
        {
            "identity": " ada@example.com ",
            "object_id": "__abc",
            "creation_date": "2018-03-05T15:16:0Z",
            "profile_properties": '{"Name": "Ada", "Phone": "+14155550100"}',
        }
    )
    assert list(record.items()) == [
        ("type", "profile"),
        ("identity", "ada@example.com"),
        ("objectId", "__abc"),
        ("ts", 1520262960),
        ("profileData", {"Name": "Ada", "Phone": "+14155550100"}),
    ]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param({"identity": "42"}, {"identity": "42"}, id="identity alone"),
        pytest.param({"identity": 42}, {"identity": "42"}, id="a number"),
        pytest.param({"object_id": "abc"}, {"objectId": "abc"}, id="object id alone"),
        pytest.param({"identity": " ", "object_id": "abc"}, {"objectId": "abc"}, id="identity blank"),
    ],
)
def test_either_key_is_enough(keys, expected):
    """Identity may be blank if there is an Object ID, and the other way round. (Guide, step 5; documented)"""
    record = build_profile_record({**keys, "profile_properties": "{}"})
    assert record == {"type": "profile", **expected, "profileData": {}}


@pytest.mark.parametrize("keys", [{}, {"identity": "", "object_id": None}, {"identity": " "}])
def test_both_keys_blank_is_refused_by_their_labels(keys):
    """Mapped but blank in a live run: the error names both fields. (Guide, step 9)"""
    with pytest.raises(InputError, match="Identity and Object ID are both blank") as caught:
        build_profile_record({**keys, "profile_properties": "{}"})
    assert caught.value.field == "identity"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("identity", True, id="identity"),
        pytest.param("object_id", ["x"], id="object id"),
        pytest.param("creation_date", "soon", id="creation date"),
        pytest.param("profile_properties", "{Name}", id="profile properties"),
        pytest.param("profile_properties", "", id="blank profile properties"),
        pytest.param("profile_properties", None, id="absent profile properties"),
    ],
)
def test_a_value_that_stands_in_the_way_is_named(field, value):
    """The error carries the field's key."""
    with pytest.raises(InputError) as caught:
        build_profile_record({**BASE, field: value})
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        pytest.param({"$add": ["Newsletter"]}, {"$add": ["Newsletter"]}, id="operator"),
        pytest.param({"$add": ["a"], "$remove": ["b"]}, {"$add": ["a"], "$remove": ["b"]}, id="two operators"),
        pytest.param(["a", "b", 3], ["a", "b", 3], id="multi-value"),
        pytest.param([], [], id="empty list"),
        pytest.param({"city": "London"}, '{"city":"London"}', id="object"),
        pytest.param({"$add": 1, "x": 2}, '{"$add":1,"x":2}', id="half an operator"),
        pytest.param({}, "{}", id="empty object"),
        pytest.param([{"a": 1}], '[{"a":1}]', id="list of objects"),
        pytest.param("$D_1520262960", "$D_1520262960", id="CleverTap's form of a date"),
    ],
)
def test_only_what_clevertap_understands_stays_nested(value, sent):
    """Operators and lists of plain values stay, the rest becomes JSON text. (docs/imports-via-sftp; documented)"""
    record = build_profile_record({**BASE, "profile_properties": {"P": value}})
    assert record["profileData"] == {"P": sent}


def test_channel_categories_stay_objects():
    """`category-unsubscribe` names groups by channel. (rudderlabs/rudder-transformer; observed)"""
    properties = {"category-unsubscribe": {"email": ["Marketing"]}}
    assert build_profile_record({**BASE, "profile_properties": properties})["profileData"] == properties


def test_perform_sends_one_record_and_tells_what_became_of_it(session, service, make_bundle):
    """The result is flat, for mapping into later steps; None for what was not given."""
    bundle = make_bundle(**BASE, creation_date="1520262960")
    assert perform(session, bundle) == {
        "id": "42",
        "status": "success",
        "processed": 1,
        "identity": "42",
        "object_id": None,
        "ts": 1520262960,
    }
    assert service.records == [{"type": "profile", "identity": "42", "ts": 1520262960, "profileData": {"Name": "Ada"}}]


def test_the_object_id_labels_the_result_where_there_is_no_identity(session, make_bundle):
    """`id` is never blank."""
    result = perform(session, make_bundle(object_id="abc", profile_properties="{}"))
    assert (result["id"], result["identity"], result["object_id"]) == ("abc", None, "abc")


def test_a_rejected_record_ends_the_run(session, service, make_bundle):
    """HTTP 200 with status fail is a failure. (recorded; observed)"""
    entry = {"status": "fail", "code": 515, "error": "Email is not valid", "record": {}}
    service.answers(200, {"status": "fail", "processed": 0, "unprocessed": [entry]})
    with pytest.raises(RecordRejectedError, match="515"):
        perform(session, make_bundle(**BASE))


def test_blank_form_values_send_nothing(session, service, make_bundle):
    """The run ends with an error before the call."""
    with pytest.raises(InputError):
        perform(session, make_bundle(profile_properties="{}"))
    assert service.calls == []
