"""What Pipedrive's OpenAPI document cannot say of a request.

schemathesis makes cases from the document. OpenAPI knows no calendar, no member that depends on another, and nothing
that only an earlier answer can give: which records there are, and where the next page begins. `adjust` makes up for
that just before a case is sent. It only touches what the schema holds for right, so what was wrong stays wrong, and no
case is left out for it. What it asks the server goes by the vendor's own API.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from .cases import ask, plain_numbers

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.schemas import BaseSchema

TITLE = "Pipedrive API, as far as zaprig imitates it"
"""The document's own title, by which schemathesis finds its settings."""

RECEIVER = "http://127.0.0.1:9/hooks/zaprig-contract"
"""An address of this machine, where nobody listens."""
RECEIVER_IN_PROCESS = "https://hooks.zapier.com/hooks/zaprig-contract"
"""A server in a process calls no address of a machine; this one stands for the local Zapier there."""
FORM = "application/x-www-form-urlencoded"
LIKELY_IDS = 50
"""Ids of records are mostly below it."""
LARGEST_ID = 2**53
LONGEST_NAME = 255
MOST_WEBHOOKS = 40

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(.*)", re.ASCII | re.DOTALL)
_EMPTY_IS_NONE = ("limit", "start", "sort_by", "sort_direction", "cursor", "updated_since", "updated_until")


def prepare(schema: "BaseSchema") -> "Callable[[Case[Any]], None]":
    """What adjusts the cases for this server; nothing has to be asked before."""
    return adjust


def adjust(case: "Case[Any]") -> None:
    """Make of a case what the document cannot say; it is judged as it is then."""
    if case.meta is None:
        return  # one of our own questions
    case.body = plain_numbers(case.body)
    if case.media_type == FORM and isinstance(case.body, dict):
        case.body = without_nulls(case.body)
    _leave_out_credentials(case)
    _name_likely_record(case)
    _adjust_query(case)
    if isinstance(case.body, dict):
        _adjust_body(case, case.body)


def without_nulls(part: Any) -> Any:
    """What a form can say of this: it has no null."""
    if isinstance(part, list):
        return [without_nulls(item) for item in part if item is not None]
    if isinstance(part, dict):
        return {name: without_nulls(value) for name, value in part.items() if value is not None}
    return part


def _leave_out_credentials(case: "Case[Any]") -> None:
    """Invented ones. OpenAPI says `or`, but the API token in the header decides, and they mean nothing beside it.

    That wrong ones alone are refused, schemathesis asks apart.
    """
    if case.operation.path != "/oauth/token":
        case.query.pop("api_token", None)
        case.headers.pop("authorization", None)


def _is_id(value: Any) -> TypeGuard[int]:
    return type(value) is int and 1 <= value <= LARGEST_ID


def _is_id_text(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and 1 <= int(value[:20]) <= LARGEST_ID


def _name_likely_record(case: "Case[Any]") -> None:
    """A chance id names nothing, and a request for nothing is refused before it is read. This way half of them read."""
    value = case.path_parameters.get("id")
    if _is_id(value) and value > LIKELY_IDS and "users" not in case.operation.path:
        case.path_parameters["id"] = value % LIKELY_IDS + 1


def _adjust_query(case: "Case[Any]") -> None:
    """Days of the calendar, cursors that an answer gave, and nothing empty where empty means nothing."""
    query = case.query
    for name in ("updated_since", "updated_until"):
        if name in query:
            query[name] = real_time(query[name])
    if case.meta is not None and case.meta.generation.mode.is_negative:
        for name in _EMPTY_IS_NONE:
            if query.get(name) == "":
                query[name] = "?"  # still not what the schema asks for, and not nothing
    if isinstance(query.get("cursor"), str) and re.fullmatch(r"[A-Za-z0-9_-]+", query["cursor"]):
        _find_cursor(case)
    elif query.get("cursor", "") is None:
        del query["cursor"]  # a link to the page after the last


def _find_cursor(case: "Case[Any]") -> None:
    """A cursor for the same sorting, which only an answer can give; none where there is no second page."""
    sorting = {name: case.query[name] for name in ("sort_by", "sort_direction") if name in case.query}
    sorting = {name: value for name, value in sorting.items() if value in _sortings(case, name)}
    found = _ask(case, "GET", case.operation.path, limit=1, **sorting)["additional_data"]["next_cursor"]
    if found is None:
        del case.query["cursor"]
    else:
        case.query["cursor"] = found


def _sortings(case: "Case[Any]", name: str) -> Any:
    return next((each.definition["schema"]["enum"] for each in case.operation.query if each.name == name), ())


def _adjust_body(case: "Case[Any]", body: dict[str, Any]) -> None:
    for name, value in body.items():
        if name.endswith("_time") or name == "expected_close_date":
            body[name] = real_time(value)
    kind = case.operation.path.split("/")[3] if case.operation.path.count("/") > 2 else "token"
    _name_existing_records(case, kind, body)
    if kind == "deals":
        _fit_status(body, empty=(None,) if is_v2(case) else (None, ""))
        if isinstance(body.get("archive_time"), str) and body.get("is_archived", False) is False and is_v2(case):
            body["is_archived"] = True
    elif kind == "persons":
        _fit_names(body)
        for name in ("emails", "phones"):
            _keep_one_primary(body.get(name))
    elif kind == "webhooks":
        _fit_webhook(case, body)


def is_v2(case: "Case[Any]") -> bool:
    """Is it a request of the strict version?"""
    path: str = case.operation.path
    return path.startswith("/api/v2/")


def real_time(value: Any) -> Any:
    """The same day or time, but one of the calendar and of the years that are taken; anything else as it is."""
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    year, month, day = (int(part) for part in found.groups()[:3])
    if not (1970 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31):
        return value
    year = min(max(year, 1971), 9997)  # an offset must not lead into a year that is not taken
    return f"{year}-{month:02}-{min(day, monthrange(year, month)[1]):02}{found[4]}"


def _fit_status(body: dict[str, Any], empty: tuple[Any, ...]) -> None:
    """Times of winning and losing belong to their status, and only one of them can be."""
    if body.get("status") not in ("open", "won", "lost", "deleted", "", None):
        return
    said = {name for name in ("won_time", "lost_time", "close_time", "lost_reason") if body.get(name) not in empty}
    if {"lost_time", "lost_reason"} & said:
        body["status"] = "lost"
        if isinstance(body.get("won_time"), str):
            del body["won_time"]
    elif said:
        body["status"] = "won"


def _fit_names(body: dict[str, Any]) -> None:
    """The parts make a name that is not blank and not too long, whatever the person's other part is."""
    if "name" in body:
        return
    for name in ("first_name", "last_name"):
        if isinstance(body.get(name), str) and len(body[name]) <= LONGEST_NAME:
            body[name] = body[name][: LONGEST_NAME // 2]
    given = [body[name] for name in ("first_name", "last_name") if name in body]
    if given and all(part is None or (isinstance(part, str) and not part.strip()) for part in given):
        body["first_name" if "first_name" in body else "last_name"] = "Ada"


def _keep_one_primary(contacts: Any) -> None:
    """Only one contact can be the primary; a schema could count them, but makers of cases do not heed that."""
    if not isinstance(contacts, list):
        return
    primary = [contact for contact in contacts if isinstance(contact, dict) and contact.get("primary") is True]
    for contact in primary[1:]:
        contact["primary"] = False


def _fit_webhook(case: "Case[Any]", body: dict[str, Any]) -> None:
    """An address that may be called, and room for one more webhook."""
    if isinstance(body.get("subscription_url"), str) and re.match(
        r"https?://[a-z0-9.-]+[:/]?", body["subscription_url"]
    ):
        body["subscription_url"] = RECEIVER if case.operation.app is None else RECEIVER_IN_PROCESS
    there = _ask(case, "GET", "/api/v1/webhooks")["data"]
    if len(there) >= MOST_WEBHOOKS:
        path_parameters = {"id": there[0]["id"]}
        ask(case.operation.schema, "DELETE", "/api/v1/webhooks/{id}", path_parameters=path_parameters)


def _name_existing_records(case: "Case[Any]", kind: str, body: dict[str, Any]) -> None:
    """What a body points to must exist; only the server knows what does."""
    finders: Mapping[str, Callable[[], int]] = {
        "person_id": lambda: _any_id(case, "persons", {"name": "Ada Lovelace"}),
        "org_id": lambda: _any_id(case, "organizations", {"name": "Analytical Engines"}),
        "owner_id": lambda: _own_id(case),
        "user_id": lambda: _own_id(case),
        "stage_id": lambda: _stage(case)["id"],
        "pipeline_id": lambda: _stage(case)["pipeline_id"],
    }
    for name, find in finders.items():
        value = body.get(name)
        if _is_id(value):
            body[name] = find()
        elif _is_id_text(value):
            body[name] = str(find())
    said = [body.get(name) for name in ("stage_id", "pipeline_id")]
    if kind == "deals" and case.method == "POST" and all(each in (None, "") for each in said):
        _fill_default_pipeline(case)


def _own_id(case: "Case[Any]") -> int:
    return int(_ask(case, "GET", "/api/v1/users/me")["data"]["id"])


def _any_id(case: "Case[Any]", kind: str, otherwise: Mapping[str, Any]) -> int:
    """A record of this kind; a new one if there is none."""
    found = _ask(case, "GET", f"/api/v2/{kind}", limit=1)["data"]
    return int(found[0]["id"] if found else _ask(case, "POST", f"/api/v2/{kind}", otherwise)["data"]["id"])


def _stage(case: "Case[Any]") -> Any:
    """A stage of a pipeline that is there; new ones if there is none."""
    found = _ask(case, "GET", "/api/v2/stages", limit=1)["data"]
    if found:
        return found[0]
    pipeline_id = _any_id(case, "pipelines", {"name": "Sales"})
    return _ask(case, "POST", "/api/v2/stages", {"name": "Lead In", "pipeline_id": pipeline_id})["data"]


def _fill_default_pipeline(case: "Case[Any]") -> None:
    """A deal without a stage goes to the first stage of the default pipeline, so there must be one."""
    pipelines = _ask(case, "GET", "/api/v1/pipelines")["data"]
    if pipelines is None:
        _stage(case)
        return
    default = next(each["id"] for each in pipelines if each["selected"])
    if not _ask(case, "GET", "/api/v2/stages", limit=1, pipeline_id=default)["data"]:
        _ask(case, "POST", "/api/v2/stages", {"name": "Lead In", "pipeline_id": default})


def _ask(case: "Case[Any]", method: str, path: str, body: Any = None, **query: Any) -> Any:
    return ask(case.operation.schema, method, path, body, query=query)
