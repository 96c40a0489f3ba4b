"""Does the mock CleverTap answer as its OpenAPI document says, whatever it is sent?

schemathesis makes the requests: the document's examples, the edges of every schema, chance, and walks along the links.
What OpenAPI cannot say of a request is said here instead, each with its reason; all checks stay on but one.
"""

import json
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, HookContext

from tests.contract.served import serve

SEED = 1
MOST_EXAMPLES = 25
MOST_WALKS = 25

EXPORTS = ("/1/profiles.json", "/1/events.json")
COUNTS = ("/1/counts/profiles.json", "/1/counts/events.json")
QUERY = {"event_name": "Charged", "from": 20240101, "to": 20240131}

# At module level, because schemathesis collects its cases from here. A count is there when it is asked for the second
# time, so that the walks meet both answers.
served = serve(counts_ready_after=2)


def cursors(path: str) -> Iterator[str]:
    """Cursors that lead to pages of every kind: the only one, the first, one between, the last."""
    yield served.ask("POST", path, QUERY)["cursor"]
    cursor = served.ask("POST", path, QUERY, {"batch_size": 1})["cursor"]
    while cursor:
        yield cursor
        cursor = served.ask("GET", path, query={"cursor": cursor}).get("next_cursor")


def ask_for_count(path: str) -> str:
    """The number of a count to come back for."""
    return str(served.ask("POST", path, QUERY)["req_id"])


# The document calls a text that only an earlier answer can give a format.
CURSORS = {path: list(cursors(path)) for path in EXPORTS}
for path in EXPORTS:
    schemathesis.openapi.format(f"{path[3:-5]}-cursor", st.sampled_from(CURSORS[path]))
REQ_IDS = {path: ask_for_count(path) for path in COUNTS}
for path in COUNTS:
    schemathesis.openapi.format(f"{path[10:-5]}-req-id", st.just(REQ_IDS[path]))

schema = schemathesis.openapi.from_wsgi(
    "/openapi.json",
    served.app,
    config=schemathesis.Config.from_dict(
        {
            "seed": SEED,
            "headers": served.headers,
            "generation": {"deterministic": True, "max-examples": MOST_EXAMPLES},
            "operations": [
                # Entries that are unlike their schema refuse no request: the answer is 200 and says so of each, as the
                # vendor's does.
                {
                    "include-path": ["/1/upload", "/1/disassociate", "/1/subscribe"],
                    "checks": {"negative_data_rejection": {"enabled": False}},
                }
            ],
        }
    ),
)


# What OpenAPI and JSON Schema cannot say of a request. Nothing is left out for it: a case that is only right or wrong as
# a whole gets what makes it so.


def plain_numbers(part: Any) -> Any:
    """The same JSON in the spelling of clients: to a schema 7.0 is a whole number, too."""
    if isinstance(part, list):
        return [plain_numbers(item) for item in part]
    if isinstance(part, dict):
        return {name: plain_numbers(value) for name, value in part.items()}
    return int(part) if isinstance(part, float) and part.is_integer() and abs(part) < 1 << 53 else part


def real_days(part: Any) -> Any:
    """The same JSON, each pair of days one of the calendar and in its order, which no schema knows.

    Only what the schema takes for days is changed, so what was wrong stays wrong.
    """
    if isinstance(part, list):
        return [real_days(item) for item in part]
    if not isinstance(part, dict):
        return part
    changed = {name: real_days(value) for name, value in part.items()}
    first, last = changed.get("from"), changed.get("to")
    changed.update({name: real_day(day) for name, day in (("from", first), ("to", last)) if is_day(day)})
    if is_day(first) and is_day(last):
        changed["from"], changed["to"] = sorted((changed["from"], changed["to"]))
    return changed


def is_day(value: Any) -> bool:
    """Does the schema take this for a day?"""
    return type(value) is int and 10000101 <= value <= 99991231


def real_day(number: int) -> int:
    """A day of the calendar in the same year."""
    return number // 10000 * 10000 + (number // 100 % 12 + 1) * 100 + number % 28 + 1


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Whatever made the case, this is what is sent."""
    COUNT[case.operation.label, case.meta and case.meta.phase.name] += 1
    path = case.operation.path
    case.body = real_days(plain_numbers(case.body))
    if path == "/1/profile.json":
        name_somebody(case.query)
    elif path in EXPORTS:
        keep_one_question(case)
    elif case.query.get("req_id") == REQ_IDS.get(path):
        case.query["req_id"] = ask_for_count(path)  # again, because only the last thousand are remembered


def name_somebody(query: dict[str, Any]) -> None:
    """One of three parameters must say something, and which one is free."""
    if not any(str(query.get(name, "")).strip() for name in ("email", "identity", "objectId")):
        query["identity"] = "u-1"


def keep_one_question(case: Case) -> None:
    """A cursor excuses the query, the body and whatever is wrong with other parameters; one of them must be there."""
    if "query" in case.query:
        case.query["query"] = json.dumps(real_days(plain_numbers(json.loads(case.query["query"]))))
    if case.meta and case.meta.generation.mode.is_negative and case.query.get("cursor") in CURSORS[case.operation.path]:
        del case.query["cursor"]
    if case.method == "GET" and not {"cursor", "query"} & set(case.query):
        case.query["query"] = json.dumps(QUERY)


@schema.parametrize()
def test_answers_follow_the_document(case):
    """Every answer to right, wrong and odd requests is one that the document describes."""
    case.call_and_validate()


from collections import Counter

COUNT = Counter()
import atexit


@atexit.register
def show():
    import pprint

    open("/tmp/ct.work/count", "w").write(pprint.pformat(COUNT) + str(COUNT.total()))
