"""Does Pipedrive's OpenAPI document speak of everything that there is, and of nothing else?"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from openapi_spec_validator import validate

from mock_servers.pipedrive import deals, organizations, persons, pipelines, webhooks
from mock_servers.pipedrive.routes import DOCUMENT, routes
from tests.contract.described import Described
from tests.contract.served_pipedrive import RECEIVER, ServedPipedrive

DESCRIBED = Described(DOCUMENT)
SCHEMAS, OPERATIONS, check, resolved = DESCRIBED.schemas, DESCRIBED.operations, DESCRIBED.check, DESCRIBED.resolved
JSON = "application/json"
KINDS = ("deals", "persons", "organizations", "pipelines", "stages")


def check_answer(method: str, path: str, answer: tuple[int, Any], status: int) -> None:
    """Raises if an answer has not this status, or is not what the operation describes for it."""
    assert answer[0] == status, answer
    described = resolved(OPERATIONS[method, path]["responses"][str(status)])
    check(described["content"][JSON]["schema"], answer[1])


def test_the_document_is_valid():
    """It is OpenAPI 3.1."""
    validate(DESCRIBED.raw)


def test_the_document_is_public():
    """It is served as JSON, and needs no credentials."""
    assert ServedPipedrive().ask("GET", "/openapi.json", headers={}) == (200, DESCRIBED.raw)


def test_the_document_describes_every_route():
    """Each route of the vendor is described, and nothing else; a path of v1 once, though it is served in two ways."""
    served = {(route.method, route.path.replace("<id>", "{id}")) for route in routes.rows} - {("GET", "/openapi.json")}
    short = {(method, path) for method, path in served if path.startswith("/v1/")}
    assert {(method, f"/api{path}") for method, path in short} <= served
    assert OPERATIONS.keys() == served - short


@pytest.mark.parametrize("name", [pytest.param(each, id=" ".join(each)) for each in OPERATIONS])
def test_every_operation_says_how_it_can_be_refused(name):
    """The refusals that come before the operation itself can come to every one, a body that is too large to a write."""
    method, path = name
    statuses = set(OPERATIONS[name]["responses"])
    assert {"405"} | ({"401"} if path != "/oauth/token" else set()) <= statuses
    assert ("413" in statuses) == (method in {"POST", "PUT", "PATCH"})
    assert ("404" in statuses) == ("{id}" in path)


INPUTS = {
    "Deal": deals.V2_INPUTS,
    "Person": persons.V2_INPUTS,
    "Organization": organizations.V2_INPUTS,
    "Pipeline": pipelines.V2_PIPELINE_INPUTS,
    "Stage": pipelines.V2_STAGE_INPUTS,
}
INPUTS_V1 = {
    "Deal": deals.V1_INPUTS,
    "Person": persons.V1_INPUTS,
    "Organization": organizations.V1_INPUTS,
    "Pipeline": pipelines.V1_PIPELINE_INPUTS,
    "Stage": pipelines.V1_STAGE_INPUTS,
}


@pytest.mark.parametrize(
    ("schema", "inputs"),
    [
        *((f"Changed{kind}", inputs) for kind, inputs in INPUTS.items()),
        *((f"Changed{kind}V1", inputs) for kind, inputs in INPUTS_V1.items()),
        ("NewWebhook", webhooks.INPUTS),
    ],
)
def test_every_member_of_a_body_is_described(schema, inputs):
    """The members of the document are those that the rules read."""
    assert SCHEMAS[schema]["properties"].keys() == inputs.keys()


def test_every_action_and_object_is_described():
    """What can be subscribed to is what the rules take."""
    assert set(SCHEMAS["EventAction"]["enum"]) == set(webhooks.ACTIONS)
    assert set(SCHEMAS["EventObject"]["enum"]) == {*webhooks.OBJECTS, *webhooks.OBJECTS_TO_COME}


SOMETIMES = {
    "RelatedToDeals": {"person", "organization", "stage", "pipeline"},
    "RelatedToPersons": {"organization"},
    "DealAnswerV1": {"additional_data"},
    "PlaceV1": {"next_start"},
}
"""What an answer may leave out."""


def test_every_answer_is_closed():
    """No object of an answer has members that are not described, and what is described is there."""
    found = DESCRIBED.answered_objects()
    assert {place for place, schema in found.items() if schema.get("additionalProperties") is not False} == set()
    missing = {
        place: schema.get("properties", {}).keys() - set(schema.get("required", ())) for place, schema in found.items()
    }
    assert {place: names for place, names in missing.items() if names} == SOMETIMES
    assert {
        "Deal",
        "DealV1",
        "RelatedStage",
        "Address",
        "OwnUser",
        "Webhook",
        "Tokens",
        "Invalid",
        "Refusal",
    } <= found.keys()


@pytest.mark.parametrize(("schema", "value"), list(DESCRIBED.examples()))
def test_every_example_fits_its_schema(schema, value):
    """The examples of requests, answers and parameters are such requests, answers and parameters."""
    check(schema, value)


def answered_examples() -> Iterator[Any]:
    """Every example of a body that is written to records or webhooks."""
    for (method, path), operation in OPERATIONS.items():
        if "requestBody" in operation and path != "/oauth/token":
            for title, example in resolved(operation["requestBody"])["content"][JSON]["examples"].items():
                yield pytest.param(method, path, example["value"], id=f"{method} {path}: {title}")


@pytest.mark.parametrize(("method", "path", "body"), list(answered_examples()))
def test_every_example_of_a_body_is_taken(served, method, path, body):
    """What the document shows to write can be written; in process, receivers have other names."""
    served.begin_again()
    body = body | {"subscription_url": RECEIVER} if "subscription_url" in body else body
    status = next(status for status in ("200", "201") if status in OPERATIONS[method, path]["responses"])
    check_answer(method, path, served.ask(method, path.replace("{id}", "1"), body), int(status))


@pytest.fixture(scope="module")
def served() -> ServedPipedrive:
    """A company with some deals."""
    return ServedPipedrive(deals=3)


@pytest.fixture
def company(served: ServedPipedrive) -> ServedPipedrive:
    """One with deals of every kind, the last of them without person and organization."""
    served.begin_again()
    address = {"value": "4 rue du Bac, Lyon", "country": "France"}
    org = served.data("POST", "/api/v2/organizations", {"name": "Birch and Sons", "address": address, "industry": 3})
    person = {"name": "Lena Ortiz", "org_id": org["id"], "emails": [{"value": "lena@birch.example"}], "label_ids": [5]}
    lena = served.data("POST", "/api/v2/persons", person)
    full = {"person_id": lena["id"], "org_id": org["id"], "value": 12.5, "label_ids": [7, 9], "probability": 50}
    served.data("POST", "/api/v2/deals", {**full, "title": "won", "status": "won"})
    served.data("POST", "/api/v2/deals", {**full, "title": "lost", "status": "lost", "lost_reason": "Too late"})
    served.data("POST", "/api/v2/deals", {**full, "title": "archived", "is_archived": True})
    moved = served.data("POST", "/api/v2/deals", {**full, "title": "moved", "expected_close_date": "2026-12-01"})
    served.data("PATCH", f"/api/v2/deals/{moved['id']}", {"stage_id": 2})
    deleted = served.data("POST", "/api/v2/deals", {**full, "title": "deleted"})
    served.data("DELETE", f"/api/v2/deals/{deleted['id']}")
    served.data("POST", "/api/v2/persons", {"name": "Nobody"})
    served.data("POST", "/api/v2/organizations", {"name": "Nothing"})
    served.data("POST", "/api/v2/deals", {"title": "alone"})
    return served


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_record_fits_its_schema(company, kind, version):
    """Records with everything and with nothing: in one page, page by page, and one by one, deleted ones too."""
    path = f"/api/{version}/{kind}"
    wishes = {"status": "open,won,lost,deleted"} if kind == "deals" else {}
    whole = company.ask("GET", path, **wishes)
    check_answer("GET", path, whole, 200)
    check_answer("GET", path, company.ask("GET", path, limit=1), 200)
    check_answer("GET", path, company.ask("GET", path, limit=1, start=1), 200)
    for record in whole[1]["data"]:
        check_answer("GET", f"{path}/{{id}}", company.ask("GET", f"{path}/{record['id']}"), 200)


@pytest.mark.parametrize("kind", ["deals", "persons", "organizations"])
def test_records_with_and_without_neighbours_are_among_them(company, kind):
    """Else the test above would say little: v1 shows what a record points to, or null."""
    found = company.data("GET", f"/api/v1/{kind}")
    keys = {"deals": ("person_id", "org_id"), "persons": ("org_id",), "organizations": ("address",)}[kind]
    for key in keys:
        assert {record[key] is None for record in found} == {True, False}


def test_archived_deals_fit_their_schema(company):
    """They have a list of their own."""
    answer = company.ask("GET", "/api/v2/deals/archived")
    check_answer("GET", "/api/v2/deals/archived", answer, 200)
    assert [deal["title"] for deal in answer[1]["data"]] == ["archived"]


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_page_fits_its_schema(served, kind, version):
    """Null in v1, an empty list in v2."""
    served.begin_again()
    path = f"/api/{version}/{kind}"
    for record in served.data("GET", path):
        served.data("DELETE", f"{path}/{record['id']}")
    answer = served.ask("GET", path)
    check_answer("GET", path, answer, 200)
    assert answer[1]["data"] == (None if version == "v1" else [])


def test_users_and_settings_fit_their_schema(served):
    """The caller, all users, one of them, and the settings."""
    check_answer("GET", "/api/v1/users/me", served.ask("GET", "/api/v1/users/me"), 200)
    check_answer("GET", "/api/v1/users", served.ask("GET", "/api/v1/users"), 200)
    check_answer("GET", "/api/v1/users/{id}", served.ask("GET", "/api/v1/users/5011"), 200)
    check_answer("GET", "/api/v1/userSettings", served.ask("GET", "/api/v1/userSettings"), 200)


WEBHOOK = {"subscription_url": RECEIVER, "event_action": "*", "event_object": "deal"}


def test_webhooks_fit_their_schema(served):
    """Making one, listing, deleting, and the refusals of each, up to the one webhook too many."""
    served.begin_again()
    full = {**WEBHOOK, "name": "All", "http_auth_user": "ada", "http_auth_password": "secret"}
    for body in (full, *[WEBHOOK] * 39):
        check_answer("POST", "/api/v1/webhooks", served.ask("POST", "/api/v1/webhooks", body), 201)
    check_answer("POST", "/api/v1/webhooks", served.ask("POST", "/api/v1/webhooks", WEBHOOK), 422)
    check_answer("POST", "/api/v1/webhooks", served.ask("POST", "/api/v1/webhooks", {"version": "1.0"}), 400)
    check_answer("POST", "/api/v1/webhooks", served.ask("POST", "/api/v1/webhooks", []), 400)
    listed = served.ask("GET", "/api/v1/webhooks")
    check_answer("GET", "/api/v1/webhooks", listed, 200)
    one = listed[1]["data"][0]["id"]
    check_answer("DELETE", "/api/v1/webhooks/{id}", served.ask("DELETE", f"/api/v1/webhooks/{one}"), 200)
    check_answer("DELETE", "/api/v1/webhooks/{id}", served.ask("DELETE", f"/api/v1/webhooks/{one}"), 404)


def consent(served: ServedPipedrive, **form: str) -> tuple[int, Any]:
    """The answer of the token endpoint to the app Zapier; without a grant type, to a code fresh from a consent."""
    found = served.pipedrive.default_credentials()
    if not form:
        caller = served.pipedrive.at_the_screen()
        address = served.pipedrive.sign_in.allow(
            caller.company.id, caller.user.id, found["client_id"], found["redirect_uri"], state=None
        )
        code = address.rpartition("code=")[2]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": found["redirect_uri"]}
    pair = {name: found[name] for name in ("client_id", "client_secret")}
    answer = served.app.test_client().post(
        "/oauth/token", data=urlencode({**pair, **form}), content_type="application/x-www-form-urlencoded"
    )
    return answer.status_code, answer.json


def test_tokens_fit_their_schema(served):
    """A code for tokens, a refresh, a refusal; and what an app does says so."""
    served.begin_again()
    tokens = consent(served)
    check_answer("POST", "/oauth/token", tokens, 200)
    again = consent(served, grant_type="refresh_token", refresh_token=tokens[1]["refresh_token"])
    check_answer("POST", "/oauth/token", again, 200)
    check_answer("POST", "/oauth/token", consent(served, grant_type="refresh_token", refresh_token="no"), 400)

    app = {"Authorization": f"Bearer {again[1]['access_token']}"}
    deal = served.ask("POST", "/api/v2/deals", {"title": "By an app"}, headers=app)
    check_answer("POST", "/api/v2/deals", deal, 200)
    assert deal[1]["data"]["origin"] == "Marketplace"
    general = served.data("POST", "/api/v1/webhooks", WEBHOOK)["id"]
    made = served.ask("POST", "/api/v1/webhooks", WEBHOOK, headers=app)
    check_answer("POST", "/api/v1/webhooks", made, 201)
    assert made[1]["data"]["type"] == "application"
    foreign = served.ask("DELETE", f"/api/v1/webhooks/{general}", headers=app)
    check_answer("DELETE", "/api/v1/webhooks/{id}", foreign, 403)


REFUSALS = [
    pytest.param("GET", "/api/v2/deals", None, {"limit": 501}, 400, id="v2, a parameter"),
    pytest.param("POST", "/api/v2/deals", {"colour": "red", "value": "5"}, {}, 400, id="v2, a body"),
    pytest.param("GET", "/api/v1/deals", None, {"sort": "colour"}, 400, id="v1, a parameter"),
    pytest.param("POST", "/api/v1/deals", {}, {}, 400, id="v1, a body"),
    pytest.param("POST", "/api/v2/persons", {"name": "Ada", "notes": "?"}, {}, 403, id="contact sync"),
    pytest.param("GET", "/api/v2/deals/{id}", None, {}, 404, id="v2, no such record"),
    pytest.param("GET", "/api/v1/deals/{id}", None, {}, 404, id="v1, no such record"),
    pytest.param("GET", "/api/v1/users/{id}", None, {}, 404, id="no such user"),
]


@pytest.mark.parametrize(("method", "path", "body", "query", "status"), REFUSALS)
def test_refusals_fit_their_schema(served, method, path, body, query, status):
    """Each kind of refusal has its own shape."""
    check_answer(method, path, served.ask(method, path.replace("{id}", "9999"), body, **query), status)


@pytest.mark.parametrize("path", ["/api/v1/deals", "/api/v2/deals", "/api/v1/webhooks"])
def test_refusals_before_the_operation_fit_their_schema(served, path):
    """No credentials, and a method that is not there."""
    check_answer("GET", path, served.ask("GET", path, headers={}), 401)
    check_answer("GET", path, served.ask("PATCH", path), 405)
