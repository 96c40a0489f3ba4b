"""The app as a runtime sees it."""

import re

import pytest

import connector
from connector import APP, AuthenticationError, InputError, UnexpectedAnswerError, make_app

ACTIONS = [pytest.param(action, id=action.key) for action in APP.actions]


def test_the_app_has_two_actions_and_no_triggers():
    """As in Zapier's directory. (docs.clevertap.com/docs/zapier; documented)"""
    assert (APP.key, APP.title) == ("clevertap", "CleverTap")
    assert [action.label for action in APP.actions] == ["Create/Update User Profile", "Upload Event"]
    assert APP.triggers == ()


@pytest.mark.parametrize(
    ("key", "labels"),
    [
        pytest.param(
            "create_update_user_profile",
            ["Identity", "Object ID", "Creation Date", "Profile Properties"],
            id="profile",
        ),
        pytest.param(
            "upload_event",
            ["User ID", "Object ID", "Creation Date", "Event Name", "Event Properties"],
            id="event",
        ),
    ],
)
def test_forms_have_the_labels_of_the_guide(key, labels):
    """In the order of the guide. (docs.clevertap.com/docs/pipedrive-via-zapier; documented)"""
    action = APP.find_action(key)
    assert [each.label for each in action.input_fields] == labels
    assert action.either_of == (("identity", "object_id"),)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_field_is_labelled_and_explained(action):
    """Keys are plain, unique words; a description is a sentence."""
    keys = [each.key for each in action.input_fields]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch("[a-z_]+", key) for key in keys)
    assert all(each.label and each.help_text.endswith(".") for each in action.input_fields)
    assert action.description.endswith(".")


@pytest.mark.parametrize("action", ACTIONS)
def test_sample_result_and_output_fields_agree(action, session, make_bundle):
    """What the editor shows is what a run gives."""
    given = {"identity": "42", "object_id": "abc", "creation_date": "1520263000"}
    result = action.perform(session, make_bundle(**given, profile_properties="{}", event_name="Won"))
    assert list(action.sample) == list(result) == [each.key for each in action.output_fields]
    for each in action.output_fields:
        expected = int if each.type == "integer" else str
        assert type(action.sample[each.key]) is type(result[each.key]) is expected


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", ["success", "partial", "fail"])
def test_a_record_that_is_neither_processed_nor_unprocessed_is_no_success(
    action, session, service, make_bundle, status
):
    """We sent one record, so an answer that counts none tells nothing of it. It once passed for a success."""
    service.answers(200, {"status": status, "processed": 0, "unprocessed": []})
    with pytest.raises(UnexpectedAnswerError, match=r'"processed": ?0') as caught:
        action.perform(session, make_bundle(identity="42", profile_properties="{}", event_name="Won"))
    assert not caught.value.is_retryable


def test_a_connection_asks_for_account_id_passcode_and_region():
    """All are required; the passcode is hidden; the six public regions are offered. (Guide, step 4; documented)"""
    authentication = APP.find_authentication("custom")
    assert [(each.label, each.type, each.required) for each in authentication.fields] == [
        ("Account ID", "string", True),
        ("Passcode", "password", True),
        ("Region", "string", True),
    ]
    assert list(authentication.fields[2].choices) == ["eu1", "in1", "sg1", "us1", "aps3", "mec1"]
    assert authentication.connection_label == "{{account_id}} ({{region}})"


def test_the_connection_test_stores_nothing(session, service, make_bundle):
    """A dry run of one record; the answer labels the connection and holds no secret."""
    tested = APP.find_authentication("custom").test(session, make_bundle())
    assert tested == {"account_id": "ABC-123-4567", "region": "in1"}
    assert service.calls[0].url == "https://in1.api.clevertap.com/1/upload?dryRun=1"
    assert len(service.records) == 1


def test_the_connection_test_passes_whatever_becomes_of_its_record(session, service, make_bundle):
    """Whoever gets an answer about a record has the right credentials."""
    entry = {"status": "fail", "code": 555, "error": "Miscellaneous server error", "record": {}}
    service.answers(200, {"status": "fail", "processed": 0, "unprocessed": [entry]})
    assert APP.find_authentication("custom").test(session, make_bundle())["region"] == "in1"


def test_wrong_credentials_fail_the_connection_test(session, service, make_bundle):
    """The message names all three values."""
    service.answers(401, {"status": "fail", "error": "Account ID is not valid", "code": 401})
    with pytest.raises(AuthenticationError, match="Account ID, passcode and region"):
        APP.find_authentication("custom").test(session, make_bundle())


def test_a_connection_without_values_is_refused(session, service):
    """The first blank field is named; nothing is sent."""
    with pytest.raises(InputError) as caught:
        APP.find_authentication("custom").test(session, connector.Bundle())
    assert caught.value.field == "account_id"
    assert service.calls == []


def test_an_app_for_another_address_is_the_same_app(session, service, make_bundle):
    """Test and actions of `make_app(base_url=...)` call that address. (design D18)"""
    app = make_app(base_url="http://127.0.0.1:5002/{region}")
    bundle = make_bundle(identity="42", profile_properties="{}", event_name="Won")
    for call in (app.authentications[0].test, app.actions[0].perform, app.actions[1].perform):
        call(session, bundle)
    assert {call.url.partition("?")[0] for call in service.calls} == {"http://127.0.0.1:5002/in1/1/upload"}


def test_public_names_exist_and_are_sorted():
    """`__all__` is the connector's promise."""
    assert all(hasattr(connector, name) for name in connector.__all__)
    assert len(set(connector.__all__)) == len(connector.__all__)
