"""What CleverTap's OpenAPI document cannot say of a request.

schemathesis makes cases from the document. OpenAPI knows no calendar, no parameter that depends on another, and nothing
that only an earlier answer can give. `adjust` makes up for that just before a case is sent; no case is left out for it,
and what was wrong with one stays wrong.
"""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .cases import UnpreparedServerError, ask, call, plain_numbers

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.schemas import BaseSchema

TITLE = "CleverTap server API, as far as zaprig imitates it"
"""The document's own title, by which schemathesis finds its settings."""

RECORDS = [
    {"type": "profile", "identity": "u-1", "objectId": "__a", "profileData": {"Email": "ada@example.com"}},
    {"type": "event", "identity": "u-1", "ts": 1704700000, "evtName": "Charged", "evtData": {"Items": [{"a": 1}]}},
    {"type": "event", "identity": "u-2", "ts": 1704700001, "evtName": "Charged", "evtData": {"Amount": 5}},
    {"type": "event", "identity": "u-3", "ts": 1704700002, "evtName": "Charged", "evtData": {"Amount": 101}},
]
"""Somebody for the document's examples to find."""

EXPORTS = ("/1/profiles.json", "/1/events.json")
COUNTS = ("/1/counts/profiles.json", "/1/counts/events.json")
PEOPLE_GO = ("/1/delete/profiles.json", "/1/demerge/profiles.json", "/1/disassociate")


def prepare(schema: "BaseSchema") -> "Callable[[Case[Any]], None]":
    """Ask the server for what only it can give, and return what adjusts the cases for it.

    Everything goes by the vendor's own API, so it serves a server in this process as well as one at an address.
    Raises `UnpreparedServerError`.
    """
    return CleverTapCases(schema).adjust


class CleverTapCases:
    """The cases for one server, which has been asked."""

    def __init__(self, schema: "BaseSchema"):
        self._schema = schema
        body = schema.raw_schema["components"]["requestBodies"]["Query"]["content"]["application/json"]
        self._queries = [example["value"] for example in body["examples"].values()]
        self._query_texts = [json.dumps(query) for query in self._queries]
        self._bring_people()
        self._cursors = {path: list(self._read_cursors(path)) for path in EXPORTS}
        self._req_ids = {path: self._ask_for_count(path) for path in COUNTS}
        self._register_formats()

    def _register_formats(self) -> None:
        """What only an earlier answer can give has a format of its own in the document; so has JSON in an address."""
        import schemathesis
        from hypothesis import strategies as st

        formats = {
            "query": self._query_texts,
            "profiles-cursor": self._cursors["/1/profiles.json"],
            "events-cursor": self._cursors["/1/events.json"],
            "profiles-req-id": [self._req_ids["/1/counts/profiles.json"]],
            "events-req-id": [self._req_ids["/1/counts/events.json"]],
        }
        for name, values in formats.items():
            schemathesis.openapi.format(name, st.sampled_from(values))

    def adjust(self, case: "Case[Any]") -> None:
        """Make of a case what the document cannot say; it is judged as it is then."""
        if case.meta is None:
            return  # one of our own questions
        path = case.operation.path
        case.body = real_days(plain_numbers(case.body))
        if path in PEOPLE_GO:
            self._are_people_there = False
        elif not self._are_people_there:
            self._bring_people()
        if path == "/1/profile.json":
            name_somebody(case.query)
        elif path in EXPORTS:
            self._keep_one_question(case)
        elif path in COUNTS and case.query.get("req_id") == self._req_ids[path]:
            case.query["req_id"] = self._ask_for_count(path)  # again, because only the last thousand are remembered

    def _keep_one_question(self, case: "Case[Any]") -> None:
        """A cursor excuses the query, the body, and all that is wrong beside it; but a query or a cursor must be there.

        No part of a request can depend on another in OpenAPI. So a case that is wrong somewhere else goes without
        cursor, and without a query that is wrong, too: beside a cursor nobody would see that it is.
        """
        query = case.query
        is_wrong = case.meta is not None and case.meta.generation.mode.is_negative
        if is_wrong and self._leads_on(case.operation.path, query.get("cursor")):
            del query["cursor"]
            if query.get("query") not in self._query_texts:
                query.pop("query", None)
        if case.method == "GET" and not {"cursor", "query"} & query.keys():
            query["query"] = self._query_texts[0]

    def _leads_on(self, path: str, cursor: Any) -> bool:
        """Is it a cursor that an answer gave, ours or one along a link? Only the server knows."""
        if cursor in self._cursors[path]:
            return True
        return isinstance(cursor, str) and call(self._schema, "GET", path, query={"cursor": cursor}).status_code == 200

    def _bring_people(self) -> None:
        """Whoever was deleted is there again."""
        self._are_people_there = True
        ask(self._schema, "POST", "/1/upload", {"d": RECORDS})

    def _read_cursors(self, path: str) -> Iterator[str]:
        """Cursors to pages of every kind: the only one, the first, one between, the last."""
        yield ask(self._schema, "POST", path, self._queries[0])["cursor"]
        cursor = ask(self._schema, "POST", path, self._queries[0], query={"batch_size": 1})["cursor"]
        while cursor:
            yield cursor
            cursor = ask(self._schema, "GET", path, query={"cursor": cursor}).get("next_cursor")

    def _ask_for_count(self, path: str) -> str:
        """The number of a count to come back for."""
        answer = ask(self._schema, "POST", path, self._queries[0])
        if "req_id" not in answer:
            message = (
                f"POST {path} gave its count at once, so nobody can come back for it;"
                " set counts_ready_after of the account to 2"
            )
            raise UnpreparedServerError(message)
        return str(answer["req_id"])


def real_days(part: Any) -> Any:
    """The same JSON, each pair of days one of the calendar and in its order: a schema knows neither.

    Only what the schema takes for days is changed, so what was wrong stays wrong.
    """
    if isinstance(part, list):
        return [real_days(item) for item in part]
    if not isinstance(part, dict):
        return part
    changed = {name: real_days(value) for name, value in part.items()}
    named = [name for name in ("from", "to") if is_day(changed.get(name))]
    days = sorted(real_day(changed[name]) for name in named)
    return changed | dict(zip(named, days, strict=True))


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
