"""What a customer sets and looks up in the dashboard, under the rig's own `/_rig/`: settings, uploads, errors."""

from typing import Any

import msgspec

from ..rig.control import Desk, read_object
from ..rig.exchange import Answer, Request
from ..rig.routes import Routes
from . import errors, payloads
from .accounts import Account
from .settings import Settings

account_controls = Routes()

MOST_IN_A_PAGE = 200
DEFAULT_LIMIT = 50


@account_controls.get("/_rig/accounts/<account_id>")
def read_account(desk: Desk, _: None, request: Request) -> Answer:
    """An account: region, settings, and how many calls there were at once."""
    return Answer(200, _view(desk, desk.service.account(request.values["account_id"])))


@account_controls.patch("/_rig/accounts/<account_id>/settings")
def change_settings(desk: Desk, _: None, request: Request) -> Answer:
    """Set some of the settings otherwise, e.g. `{"enforce_limits": true}`."""
    wishes = read_object(request, *Settings.__struct_fields__)
    return Answer(200, _view(desk, desk.service.change_settings(request.values["account_id"], wishes)))


def _view(desk: Desk, account: Account) -> dict[str, Any]:
    return {
        "account_id": account.id,
        "region": account.region,
        "created_at": payloads.moment(account.created_at),
        "settings": msgspec.to_builtins(account.settings),
        "counts": _counts(desk, account),
        "most_calls_at_once": desk.service.concurrency.most_at_once(account),
    }


def _counts(desk: Desk, account: Account) -> dict[str, int]:
    """Profiles up to 10,001, which stands for more; names of events and of custom properties."""
    event_names, property_names = desk.service.reader.count_names(account)
    profiles = desk.service.reader.count_profiles(account)
    return {"profiles": profiles, "event_names": event_names, "property_names": property_names}


@account_controls.get("/_rig/accounts/<account_id>/uploads")
def list_uploads(desk: Desk, _: None, request: Request) -> Answer:
    """The upload log, newest first: what became of each record, and why it went to which profile."""
    account = desk.service.account(request.values["account_id"])
    return page(request, desk.service.reader.uploads, account, payloads.upload_view)


@account_controls.get("/_rig/accounts/<account_id>/errors")
def list_errors(desk: Desk, _: None, request: Request) -> Answer:
    """The error stream, newest first: records that were refused, and what was changed in those that were not."""
    account = desk.service.account(request.values["account_id"])
    return page(request, desk.service.reader.errors, account, payloads.error_view)


@account_controls.get("/_rig/accounts/<account_id>/debug_events")
def list_debug_events(desk: Desk, _: None, request: Request) -> Answer:
    """What was noted about the identities of the profile that `identity`, `objectId` or `email` leads to."""
    account = desk.service.account(request.values["account_id"])
    query = request.query
    found = desk.service.reader.find_profile(
        account,
        object_id=query.get("objectId", ""),
        identity=query.get("identity", ""),
        email=query.get("email", ""),
    )
    events = [] if found is None else desk.service.reader.debug_events(found.profile)
    data = [{"name": event.name, "reason": event.reason, "at": payloads.moment(event.at)} for event in events]
    return Answer(200, {"data": data, "next_cursor": None})


def page(request: Request, read: Any, account: Account, view: Any) -> Answer:
    """A page of a list that goes down by id, `?limit=` long, from `?cursor=` on."""
    limit = _number(request, "limit", DEFAULT_LIMIT)
    cursor = _number(request, "cursor", None)
    size = min(max(limit or 1, 1), MOST_IN_A_PAGE)
    found = read(account, cursor, size + 1)
    following = str(found[size - 1][0]) if len(found) > size else None
    return Answer(200, {"data": [view(id, entry) for id, entry in found[:size]], "next_cursor": following})


def _number(request: Request, name: str, default: int | None) -> int | None:
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 19):
        raise errors.wrong_value(name, f"{name} must be a whole number.")
    return int(text)
