"""Campaigns as a marketer sets them up in the dashboard, and what they sent, under the rig's own `/_rig/`."""

from typing import Any

from ..rig.control import Desk
from ..rig.exchange import Answer, MalformedBodyError, Request
from ..rig.routes import Routes
from . import errors, payloads
from .account_control import page
from .campaigns import Campaign

campaign_controls = Routes()


@campaign_controls.post("/_rig/accounts/<account_id>/campaigns")
def add_campaign(desk: Desk, _: None, request: Request) -> Answer:
    """Make a campaign, e.g. `{"name": "Nego", "event_name": "Deal Moved", "url": "http://127.0.0.1:9000/hook"}`."""
    account = desk.service.account(request.values["account_id"])
    return Answer(201, _view(desk, desk.service.campaigning.add(account, _body(request))))


@campaign_controls.get("/_rig/accounts/<account_id>/campaigns")
def list_campaigns(desk: Desk, _: None, request: Request) -> Answer:
    """All campaigns of an account, oldest first, without passwords."""
    account = desk.service.account(request.values["account_id"])
    data = [_view(desk, campaign) for campaign in desk.service.campaigning.all(account)]
    return Answer(200, {"data": data, "next_cursor": None})


@campaign_controls.put("/_rig/accounts/<account_id>/campaigns/<campaign_id>")
def replace_campaign(desk: Desk, _: None, request: Request) -> Answer:
    """Let a campaign be as the body says; what the body leaves out is as in a new campaign."""
    account = desk.service.account(request.values["account_id"])
    campaign_id = _id(request)
    return Answer(200, _view(desk, desk.service.campaigning.replace(account, campaign_id, _body(request))))


@campaign_controls.delete("/_rig/accounts/<account_id>/campaigns/<campaign_id>")
def remove_campaign(desk: Desk, _: None, request: Request) -> Answer:
    """Remove a campaign; what it still had to send is skipped."""
    account = desk.service.account(request.values["account_id"])
    desk.service.campaigning.remove(account, _id(request))
    return Answer(200, {"removed": _id(request)})


@campaign_controls.get("/_rig/accounts/<account_id>/outbox")
def list_outbox(desk: Desk, _: None, request: Request) -> Answer:
    """What came of events that concerned campaigns, newest first: sent, failed, scheduled, or skipped and why."""
    account = desk.service.account(request.values["account_id"])
    return page(request, desk.service.campaigning.outbox, account, payloads.dispatch_view)


def _id(request: Request) -> int:
    text = request.values["campaign_id"]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise errors.no_such_campaign(request.values["account_id"], text)
    return int(text)


def _body(request: Request) -> object:
    try:
        return request.json()
    except MalformedBodyError as problem:
        raise errors.not_json(str(problem)) from None


def _view(desk: Desk, campaign: Campaign) -> dict[str, Any]:
    return payloads.campaign_view(campaign, desk.service.campaigning.address_of(campaign))
