"""Does CleverTap's OpenAPI document speak of everything that there is, and of nothing else?"""

from typing import Any

import pytest
from openapi_spec_validator import validate

from mock_servers.clevertap import problems, queries
from mock_servers.clevertap.routes import DOCUMENT, routes
from tests.contract.described import Described
from tests.contract.served import Served

DESCRIBED = Described(DOCUMENT)
SCHEMAS, OPERATIONS, check = DESCRIBED.schemas, DESCRIBED.operations, DESCRIBED.check
JSON = "application/json"


def test_the_document_is_valid():
    """It is OpenAPI 3.1."""
    validate(DESCRIBED.raw)


def test_the_document_describes_every_route():
    """Each route of the vendor is described, and nothing else; ours, and the regions in local paths, are not.

    The paths of counts in the singular are served like those in the plural, and said there.
    """
    served = {(route.method, route.path) for route in routes.rows} - {("GET", "/openapi.json")}
    singular = {(method, path) for method, path in served if path.endswith(("/profile.json", "/event.json"))}
    counts = {(method, path) for method, path in singular if "/counts/" in path}
    assert {(method, path.replace(".json", "s.json")) for method, path in counts} <= served
    served -= counts
    assert OPERATIONS.keys() == {(method, path) for method, path in served if not path.startswith("/<region>")}
    assert {(method, f"/<region>{path}") for method, path in OPERATIONS} == {
        (method, path) for method, path in served if path.startswith("/<region>")
    }


@pytest.mark.parametrize("operation", [pytest.param(each, id=" ".join(name)) for name, each in OPERATIONS.items()])
def test_every_operation_says_how_it_can_be_refused(operation):
    """The refusals that come before the operation itself can come to every one, a body that is too large to a POST."""
    assert {"200", "400", "401", "405", "429"} | ({"413"} if "requestBody" in operation else set()) == set(
        operation["responses"]
    )


def test_every_code_is_described():
    """The codes of the document are those that the rules can give, each with its line in the table."""
    given = {problem.code for problem in vars(problems).values() if isinstance(problem, problems.Problem)}
    code = SCHEMAS["Unprocessed"]["properties"]["code"]
    assert set(code["enum"]) == given
    assert [line.split("|")[1].strip() for line in code["description"].splitlines()[2:]] == [
        str(code) for code in sorted(given)
    ]


def test_the_query_language_is_described():
    """Its operators and the groups that are refused are those of the rules."""
    filters = [choice["properties"]["operator"]["enum"] for choice in SCHEMAS["Filter"]["oneOf"]]
    assert {name for names in filters for name in names if name is not None} == set(queries.OPERATORS)
    counted = SCHEMAS["CountedOccurrences"]["properties"]["operator"]["enum"]
    assert {name for name in counted if name is not None} == set(queries.COUNT_OPERATORS)
    common = SCHEMAS["Query"]["properties"]["common_profile_properties"]
    for properties in (SCHEMAS["Occurrence"]["properties"], common["properties"]):
        refused = {name for name, each in properties.items() if each == {"$ref": "#/components/schemas/NotImitated"}}
        assert refused == set(queries.NOT_IMITATED)


INVENTED = {
    "CustomProperties",
    "CustomProperties/additionalProperties",
    "EventCounts",
    "ExportedEvent/properties/event_props",
    "ExportedEvent/properties/event_props/additionalProperties",
    "Profile/properties/systemProfileData/properties/category-resubscribe",
    "Profile/properties/systemProfileData/properties/category-unsubscribe",
}
"""Where customers choose the names."""


def test_every_answer_is_closed():
    """No object of an answer may have members that are not described, but for what customers invent."""
    found = DESCRIBED.answered_objects()
    assert {place for place, schema in found.items() if schema.get("additionalProperties") is not False} == INVENTED
    assert {"Unprocessed", "Profile", "Device", "EventCount", "ExportedUser", "Failure"} <= found.keys()


@pytest.mark.parametrize(("schema", "value"), list(DESCRIBED.examples()))
def test_every_example_fits_its_schema(schema, value):
    """The examples of requests and answers are such requests and answers."""
    check(schema, value)


UPLOADED = [
    {
        "type": "profile",
        "identity": "full",
        "objectId": "__full",
        "FBID": "fb",
        "profileData": {
            "Name": "Ada", "Email": "full@example.com", "Phone": "+14155550100", "Gender": "F", "Employed": "Y",
            "Education": "School", "Married": "N", "Age": 36, "DOB": "$D_500000000", "Photo": "https://e.com/a.png",
            "Tz": "Europe/Berlin", "MSG-email": False, "MSG-push": True, "MSG-sms": True, "MSG-whatsapp": False,
            "MSG-dndPhone": True, "category-unsubscribe": {"email": ["Marketing"]},
            "category-resubscribe": {"sms": ["News"]}, "Plan": "Pro", "Score": 1.5, "VIP": True, "Tags": ["a", "b"],
            "Nested": {"a": 1},
        },
    },
    {"type": "event", "identity": "full", "evtName": "Charged", "evtData": {"Items": [{"a": 1}], "Amount": 5}},
    {"type": "token", "objectId": "__full", "tokenData": {"id": "t", "type": "fcm", "keys": {"auth": "a"}}},
    {"type": "event", "identity": "full"},
    None,
]  # fmt: skip
ADDRESSES = [
    {"type": "email", "value": "full@example.com", "status": "Unsubscribe"},
    {"type": "phone", "value": "+14155550100", "status": "Unsubscribe"},
    {"type": "whatsapp", "value": "+14155550100", "status": "Unsubscribe"},
    {"type": "email", "value": "full@example.com", "status": "Perhaps"},
]
QUERY = {"event_name": "Charged", "from": 20240101, "to": 20261231}


@pytest.fixture(scope="module")
def served() -> Served:
    """A user of whom everything is known."""
    served = Served()
    served.ask("POST", "/1/upload", {"d": UPLOADED})
    served.ask("POST", "/1/subscribe", {"d": ADDRESSES})
    return served


def pages(served: Served, path: str, **wishes: Any) -> list[Any]:
    """The answer to a query, and the pages that it leads to."""
    answers = [served.ask("POST", path, QUERY, **wishes)]
    cursor = answers[0]["cursor"]
    while cursor:
        answers.append(served.ask("GET", path, cursor=cursor))
        cursor = answers[-1].get("next_cursor")
    return answers


@pytest.mark.parametrize(
    ("path", "body"),
    [("/1/upload", UPLOADED), ("/1/subscribe", ADDRESSES), ("/1/disassociate", [{"type": "phone"}, ADDRESSES[1]])],
)
def test_a_partial_upload_fits_its_schema(path, body):
    """All that is answered in the manner of an upload has the same shape."""
    answer = Served().ask("POST", path, {"d": body})
    check(SCHEMAS["UploadAnswer"], answer)
    assert answer["status"] == "partial"


def test_a_full_profile_fits_its_schema(served):
    """A profile with everything that can be known: a device token, the age of today, addresses that are blocked."""
    answer = served.ask("GET", "/1/profile.json", identity="full")
    check(SCHEMAS["ProfileAnswer"], answer)

    profile = answer["record"]
    assert profile.keys() == SCHEMAS["Profile"]["properties"].keys()
    assert profile["platformInfo"][0].keys() == SCHEMAS["Device"]["properties"].keys()
    system = SCHEMAS["Profile"]["properties"]["systemProfileData"]
    assert profile["systemProfileData"].keys() >= system["properties"].keys()
    assert profile["systemProfileData"]["Age"] == 40
    blocked = {"MSG-dndEmail", "MSG-dndSMS", "MSG-dndWhatsApp"}
    assert {name for name in blocked if profile["systemProfileData"][name]} == blocked


EXPORTS = [("/1/profiles.json", "ProfilesPage"), ("/1/events.json", "EventsPage")]


@pytest.mark.parametrize(("path", "name"), EXPORTS)
def test_full_pages_fit_their_schema(served, path, name):
    """Pages with a next one and without, of users of whom everything is known."""
    asked, *found = pages(served, path, batch_size=2)
    check(SCHEMAS["CursorAnswer"], asked)
    for page in found:
        check(SCHEMAS[name], page)
    assert [len(page["records"]) for page in found] == [2, 2]
    full = found[-1]["records"][-1]
    described = SCHEMAS["ExportedUser" if "profile" in full else "Profile"]["properties"]
    assert full.get("profile", full).keys() == described.keys()


@pytest.mark.parametrize(("path", "name"), EXPORTS)
def test_a_page_without_what_can_be_left_out_fits_its_schema(served, path, name):
    """Devices, counts and custom properties are left out if that is asked for."""
    _, page = pages(served, path, app="false", events="0", profile="false")
    check(SCHEMAS[name], page)
    full = page["records"][-1]
    assert full.get("profile", full).keys().isdisjoint({"profileData", "events", "platformInfo", "push_token"})


@pytest.mark.parametrize("path", ["/1/counts/profiles.json", "/1/counts/events.json"])
def test_both_forms_of_a_count_fit_their_schema(path):
    """The count at once, or after a number to come back with."""
    at_once = Served().ask("POST", path, QUERY)
    waiting = Served(counts_ready_after=1)
    asked = waiting.ask("POST", path, QUERY)
    collected = waiting.ask("GET", path, req_id=asked["req_id"])

    for answer in (at_once, asked, collected):
        check(SCHEMAS["CountAnswer"], answer)
    assert [each["status"] for each in (at_once, asked, collected)] == ["success", "partial", "success"]
    assert at_once == collected


@pytest.mark.parametrize("example", OPERATIONS["POST", "/1/upload"]["requestBody"]["content"][JSON]["examples"])
def test_every_record_of_the_examples_is_processed(example):
    """An upload is answered with 200 whatever is in it, so this is asked apart."""
    body = OPERATIONS["POST", "/1/upload"]["requestBody"]["content"][JSON]["examples"][example]["value"]
    assert Served().ask("POST", "/1/upload", body)["status"] == "success"
