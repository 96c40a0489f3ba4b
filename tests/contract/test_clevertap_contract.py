"""Does the mock CleverTap answer as its OpenAPI document says, whatever it is sent?

schemathesis makes the requests: the document's examples, the edges of every schema, chance, and walks along the links.
All of its checks are on but one. What OpenAPI cannot say of a request is said here, each with its reason; no case is
left out for it.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, HookContext

from tests.contract.served import Served, read_document

SEED = 1
MOST_EXAMPLES = 25
"""By chance, of each operation; the edges of its schemas come besides, which are up to two thousand."""
MOST_WALKS = 25
STEPS = 6

EXPORTS = ("/1/profiles.json", "/1/events.json")
COUNTS = ("/1/counts/profiles.json", "/1/counts/events.json")
QUERIES = [each["value"] for each in read_document()["components"]["requestBodies"]["Query"]["content"]
           ["application/json"]["examples"].values()]  # fmt: skip
QUERY_TEXTS = [json.dumps(query) for query in QUERIES]

# At module level, because schemathesis collects its cases from here. A count is there when it is asked for the second
# time, so that the walks meet both answers.
served = Served(counts_ready_after=2)


def cursors(path: str) -> Iterator[str]:
    """Cursors to pages of every kind: the only one, the first, one between, the last."""
    yield served.ask("POST", path, QUERIES[0])["cursor"]
    cursor = served.ask("POST", path, QUERIES[0], batch_size=1)["cursor"]
    while cursor:
        yield cursor
        cursor = served.ask("GET", path, cursor=cursor).get("next_cursor")


def ask_for_count(path: str) -> str:
    """The number of a count to come back for."""
    return str(served.ask("POST", path, QUERIES[0])["req_id"])


CURSORS = {path: list(cursors(path)) for path in EXPORTS}
REQ_IDS = {path: ask_for_count(path) for path in COUNTS}

# What only an earlier answer can give has a format of its own in the document, and so has JSON within an address.
schemathesis.openapi.format("query", st.sampled_from(QUERY_TEXTS))
schemathesis.openapi.format("profiles-cursor", st.sampled_from(CURSORS["/1/profiles.json"]))
schemathesis.openapi.format("events-cursor", st.sampled_from(CURSORS["/1/events.json"]))
schemathesis.openapi.format("profiles-req-id", st.just(REQ_IDS["/1/counts/profiles.json"]))
schemathesis.openapi.format("events-req-id", st.just(REQ_IDS["/1/counts/events.json"]))

# The one check that is off, and where: entries that are unlike their schema refuse no request. The answer is 200 and
# says so of each entry, as the vendor's does.
JUDGED_ONE_BY_ONE = {
    "include-path": ["/1/upload", "/1/disassociate", "/1/subscribe"],
    "checks": {"negative_data_rejection": {"enabled": False}},
}

schema = schemathesis.openapi.from_wsgi(
    "/openapi.json",
    served.app,
    config=schemathesis.Config.from_dict(
        {
            "seed": SEED,
            "headers": served.headers,
            "generation": {"deterministic": True, "max-examples": MOST_EXAMPLES},
            "operations": [JUDGED_ONE_BY_ONE],
        }
    ),
)


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """What the document cannot say of a request is made so; the case is judged as it is then."""
    path = case.operation.path
    case.body = real_days(plain_numbers(case.body))
    if path == "/1/profile.json":
        name_somebody(case.query)
    elif path in EXPORTS:
        keep_one_question(case)
    elif path in COUNTS and case.query.get("req_id") == REQ_IDS[path]:
        case.query["req_id"] = ask_for_count(path)  # again, because only the last thousand are remembered


def plain_numbers(part: Any) -> Any:
    """The same JSON in the spelling of clients: to a schema 7.0 is a whole number, too."""
    if isinstance(part, list):
        return [plain_numbers(item) for item in part]
    if isinstance(part, dict):
        return {name: plain_numbers(value) for name, value in part.items()}
    return int(part) if isinstance(part, float) and part.is_integer() and abs(part) < 1 << 53 else part


def real_days(part: Any) -> Any:
    """The same JSON, each pair of days one of the calendar and in its order: a schema knows neither.

    Only what the schema takes for days is changed, so what was wrong stays wrong.
    """
    if isinstance(part, list):
        return [real_days(item) for item in part]
    if not isinstance(part, dict):
        return part
    changed = {name: real_days(value) for name, value in part.items()}
    days = sorted(real_day(changed[name]) for name in ("from", "to") if is_day(changed.get(name)))
    return changed | dict(zip([name for name in ("from", "to") if is_day(changed.get(name))], days, strict=True))


def is_day(value: Any) -> bool:
    """Does the schema take this for a day?"""
    return type(value) is int and 10000101 <= value <= 99991231


def real_day(number: int) -> int:
    """A day of the calendar, in the same year."""
    return number // 10000 * 10000 + (number // 100 % 12 + 1) * 100 + number % 28 + 1


def name_somebody(query: dict[str, Any]) -> None:
    """One of three parameters must say something; OpenAPI can only require this one or that one."""
    if not any(str(query.get(name, "")).strip() for name in ("email", "identity", "objectId")):
        query["identity"] = "u-1"


def keep_one_question(case: Case) -> None:
    """A cursor excuses the query, the body, and what is wrong with other parameters; but one of them must be there.

    No part of a request can depend on another in OpenAPI. So a case that is wrong somewhere else goes without cursor,
    and without a query that is wrong, too: beside a cursor nobody would see that it is.
    """
    query = case.query
    if case.meta and case.meta.generation.mode.is_negative and query.get("cursor") in CURSORS[case.operation.path]:
        del query["cursor"]
        if query.get("query") not in QUERY_TEXTS:
            query.pop("query", None)
    if case.method == "GET" and not {"cursor", "query"} & query.keys():
        query["query"] = QUERY_TEXTS[0]


@pytest.fixture(autouse=True)
def _begin_again() -> None:
    """The same cases meet the same users, whatever the order of the tests."""
    served.begin_again()


@schema.parametrize()
def test_answers_follow_the_document(case):
    """Every answer to right, wrong and odd requests is one that the document describes."""
    case.call_and_validate()


@hypothesis.seed(SEED)
class Walk(schema.as_state_machine()):
    """From an upload to the user, from a query to its pages, from a request to the count."""

    led_on: ClassVar[Counter[str]] = Counter()

    def after_call(self, response, case):
        """Count where a link was followed to, and gave something."""
        super().after_call(response, case)
        if response.status_code == 200 and case.query.keys() & {"identity", "objectId", "email", "cursor", "req_id"}:
            self.led_on[case.operation.label] += 1


def test_answers_along_the_links_follow_the_document():
    """What one answer gives, the next request takes, and every answer on the way is described."""
    Walk.led_on.clear()

    Walk.run(
        settings=hypothesis.settings(
            max_examples=MOST_WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
    )

    assert Walk.led_on.keys() >= {"GET /1/profile.json", *(f"GET {path}" for path in (*EXPORTS, *COUNTS))}
