"""Does the mock CleverTap answer as its OpenAPI document says, whatever it is sent?"""

import atexit
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import jsonschema_rs
import msgspec
import pytest
import schemathesis
import yaml
from openapi_spec_validator import validate
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from mock_servers.clevertap import payloads, problems
from mock_servers.clevertap.app import build_app, build_server
from mock_servers.clevertap.emulator import CleverTap
from mock_servers.clevertap.exports import EventQuery
from mock_servers.clevertap.routes import DOCUMENT, routes
from mock_servers.clevertap.storage import MIGRATIONS
from mock_servers.rig.clock import Clock
from mock_servers.rig.control import Desk
from mock_servers.rig.database import Database
from mock_servers.rig.dispatch import Dispatcher
from mock_servers.rig.guard import Guard
from mock_servers.rig.ids import IdSource
from mock_servers.rig.journal import Journal

# At module level, because schemathesis collects its cases from here.
folder = Path(tempfile.mkdtemp(prefix="zaprig-contract-"))
clock = Clock.frozen(datetime(2026, 11, 2, 9, 30, tzinfo=UTC))
database = Database(folder / "clevertap.sqlite", MIGRATIONS, is_throwaway=True)
clevertap = CleverTap(database, clock, IdSource(1))
journal = Journal()
desk = Desk("clevertap", clevertap, clock, Dispatcher(clock), journal)
app = build_app(build_server(clevertap, clock=clock, guard=Guard(), journal=journal, desk=desk))

document = yaml.load(DOCUMENT.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
credentials = clevertap.default_credentials()
HEADERS = {
    "X-CleverTap-Account-Id": credentials["account_id"],
    "X-CleverTap-Passcode": credentials["passcode"],
}

clevertap.upload(  # so that the examples of the document find somebody
    clevertap.authenticate(**credentials),
    [{"type": "profile", "identity": "u-1", "objectId": "__a", "profileData": {"Email": "ada@example.com"}}],
)

schema = schemathesis.openapi.from_wsgi("/openapi.json", app)
schema.config.phases.update(phases=["coverage"])  # the deterministic phase; chance is left to our own fuzzing


@atexit.register
def _clean_up() -> None:  # no fixture: the module is imported also where none of its tests is run
    database.close()
    shutil.rmtree(folder)


EXCLUDED = {
    # A record that is unlike its schema refuses no request: the answer is 200 and says so per record, as the vendor's.
    "/1/upload": [negative_data_rejection],
    # At least one of three query parameters is needed, which OpenAPI 3.1 cannot say; none of them is a 400.
    "/1/profile.json": [positive_data_acceptance],
    # A cursor is opaque: to the document any text is one, and only ours are taken. With a cursor, the body of a POST is
    # not looked at, as clients that page by POST need it.
    "/1/events.json": [positive_data_acceptance, negative_data_rejection],
}


@schema.parametrize()
def test_answers_follow_the_document(case):
    """Every answer to right, wrong and odd requests is one that the document describes."""
    case.call_and_validate(headers=HEADERS, excluded_checks=EXCLUDED[case.operation.path])


def test_the_document_is_valid():
    """It is OpenAPI 3.1."""
    validate(document)


def test_the_document_describes_every_route():
    """Each route of the vendor is described, and nothing else; ours, and the regions in local paths, are not."""
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    served = {(route.method, route.path) for route in routes.rows}
    ours = {("GET", "/openapi.json")}
    assert described == {(method, path) for method, path in served - ours if not path.startswith("/<region>")}
    assert {(method, f"/<region>{path}") for method, path in described} == {
        (method, path) for method, path in served if path.startswith("/<region>")
    }


def test_every_code_is_described():
    """The codes of the document are those that the rules can give."""
    given = {problem.code for problem in vars(problems).values() if isinstance(problem, problems.Problem)}
    assert set(document["components"]["schemas"]["Unprocessed"]["properties"]["code"]["enum"]) == given


def test_every_answer_is_closed():
    """No object of an answer may have members that are not described, but for what customers invent."""
    schemas = document["components"]["schemas"]
    answers = {
        "UploadAnswer", "Unprocessed", "ProfileAnswer", "Profile", "EventCount", "CursorAnswer", "EventsPage",
        "ExportedEvent", "Failure",
    }  # fmt: skip
    assert all(schemas[name]["additionalProperties"] is False for name in answers)


@pytest.mark.parametrize("name", ["UploadAnswer", "ProfileAnswer", "EventsPage"])
def test_a_full_answer_fits_its_schema(name):
    """Answers with everything in them, not only the small ones that generated requests lead to."""
    account = clevertap.authenticate(**credentials)
    uploaded = [
        {
            "type": "profile",
            "identity": "full",
            "FBID": "fb",
            "profileData": {
                "Name": "Ada", "Email": "ada@example.com", "Phone": "+14155550100", "Gender": "F", "Employed": "Y",
                "Education": "School", "Married": "N", "Age": 36, "DOB": "$D_500000000", "Photo": "https://e.com/a.png",
                "Tz": "Europe/Berlin", "MSG-email": False, "MSG-dndSMS": True,
                "category-unsubscribe": {"email": ["Marketing"]}, "Plan": "Pro", "Score": 1.5, "VIP": True,
                "Tags": ["a", "b"], "Nested": {"a": 1},
            },
        },
        {"type": "event", "identity": "full", "evtName": "Charged", "evtData": {"Items": [{"a": 1}]}},
        {"type": "event", "identity": "full"},
        None,
    ]  # fmt: skip
    answers = {
        "UploadAnswer": payloads.upload_answer(clevertap.upload(account, uploaded)),
        "ProfileAnswer": payloads.profile_answer(clevertap.find_profile(account, identity="full")),
        "EventsPage": payloads.events_page(*clevertap.export_events(account, EventQuery("Charged", 0, 1 << 40))),
    }
    wanted = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    answer = msgspec.json.decode(msgspec.json.encode(answers[name]))
    jsonschema_rs.validator_for(wanted).validate(answer)
    assert answer["status"] == ("partial" if name == "UploadAnswer" else "success")
