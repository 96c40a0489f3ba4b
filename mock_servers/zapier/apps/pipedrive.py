"""The Pipedrive app as Zapier has it: sign-in, and triggers about deals.

Every trigger's record is a read of the deal with its person, organization, stage, pipeline and owner beside it,
never the bare event; any of these may be null. Lists and deliveries give the same shape.

Source: facts on Pipedrive 7.1 and 7.4, read 2026-11; observed for the triggers, assumed for the record's shape.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from connector.definition import App, Authentication, Bundle, InputField, OAuth2, Record, RestHook, Trigger
from connector.errors import InputError, UnexpectedAnswerError

if TYPE_CHECKING:
    import requests

    from .pipedrive_api import PipedriveApi

API_BASE = "https://api.pipedrive.com"
OAUTH_BASE = "https://oauth.pipedrive.com"

PAGE = 100
"""Records of one poll; only the first page is read."""


def _api(base: str, session: "requests.Session", bundle: Bundle) -> "PipedriveApi":
    from .pipedrive_api import api_of  # with it comes requests, a third of what starting a rig takes

    return api_of(base, session, bundle)


# Records


def read_records(api: "PipedriveApi", deals: list[dict[str, Any]]) -> list[Record]:
    """The records of these v2 deals: one call per kind of thing they refer to, whatever their number."""
    if not deals:
        return []
    persons = _by_id(api, "/api/v2/persons", (deal.get("person_id") for deal in deals))
    organizations = _by_id(api, "/api/v2/organizations", (deal.get("org_id") for deal in deals))
    stages = {stage["id"]: stage for stage in api.get("/api/v2/stages", limit=500)}
    pipelines = {pipeline["id"]: pipeline for pipeline in api.get("/api/v2/pipelines", limit=500)}
    users = {user["id"]: user for user in api.get("/v1/users") or []}
    return [
        {
            **deal,
            "person": _person(persons.get(deal.get("person_id"))),
            "organization": _named(organizations.get(deal.get("org_id"))),
            "stage": _named(stages.get(deal.get("stage_id"))),
            "pipeline": _named(pipelines.get(deal.get("pipeline_id"))),
            "owner": _owner(users.get(deal.get("owner_id"))),
            "previous_stage_id": None,
        }
        for deal in deals
    ]


def _by_id(api: "PipedriveApi", path: str, ids: Iterable[int | None]) -> dict[Any, dict[str, Any]]:
    wanted = sorted({id for id in ids if id is not None})
    if not wanted:
        return {}
    return {each["id"]: each for each in api.get(path, ids=",".join(map(str, wanted)), limit=500)}


def _named(thing: Mapping[str, Any] | None) -> Record | None:
    return None if thing is None else {"id": thing["id"], "name": thing["name"]}


def _owner(user: Mapping[str, Any] | None) -> Record | None:
    return None if user is None else {"id": user["id"], "name": user["name"], "email": user["email"]}


def _person(person: Mapping[str, Any] | None) -> Record | None:
    if person is None:
        return None
    return {
        "id": person["id"],
        "name": person["name"],
        "first_name": person["first_name"],
        "last_name": person["last_name"],
        "email": primary_value(person["emails"]),
        "phone": primary_value(person["phones"]),
        "emails": person["emails"],
        "phones": person["phones"],
    }


def primary_value(entries: list[Mapping[str, Any]]) -> str | None:
    """The value of the entry that is primary, else of the first that has one; None if there is none."""
    filled = [entry for entry in entries if entry.get("value")]
    primary = next((entry for entry in filled if entry.get("primary")), filled[0] if filled else None)
    return str(primary["value"]) if primary else None


# Triggers


def _list(
    base: str, sort_by: str, wanted: Callable[[Record], bool], session: "requests.Session", bundle: Bundle
) -> list[Record]:
    limit = 3 if bundle.meta.is_loading_sample and sort_by == "add_time" else PAGE
    api = _api(base, session, bundle)
    deals = [
        deal for deal in api.get("/api/v2/deals", sort_by=sort_by, sort_direction="desc", limit=limit) if wanted(deal)
    ]
    return read_records(api, deals[:3] if bundle.meta.is_loading_sample else deals)


def _subscribe(base: str, action: str, session: "requests.Session", bundle: Bundle) -> Record:
    body = {
        "subscription_url": bundle.target_url,
        "event_action": action,
        "event_object": "deal",
        "name": "Zap",
        "version": "2.0",
    }
    data: Record = _api(base, session, bundle).call("POST", "/v1/webhooks", json=body)
    return {"id": data["id"]}


def _unsubscribe(base: str, session: "requests.Session", bundle: Bundle) -> None:
    id = (bundle.subscribe_data or {}).get("id")
    try:
        _api(base, session, bundle).call("DELETE", f"/v1/webhooks/{id}")
    except UnexpectedAnswerError as error:
        if error.status != 404:  # gone already is as good
            raise


def _catch(base: str, is_meant: Callable[[Record], bool], session: "requests.Session", bundle: Bundle) -> list[Record]:
    """A delivery becomes the deal as it reads now, with the stage that the event tells of.

    Two moves in quick succession are two events with two stages, although the deal is read after both.
    """
    event = bundle.cleaned_request
    if not isinstance(event, dict):
        raise InputError("delivery", "a Pipedrive event is a JSON object")
    if event.get("data") is None:  # a deletion, which is no news of a deal that can be read
        return []
    _check_event(event)
    if not is_meant(event):
        return []
    api = _api(base, session, bundle)
    try:
        deal = api.get(f"/api/v2/deals/{event['data']['id']}")
    except UnexpectedAnswerError as error:
        if error.status == 404:
            return []
        raise
    told = {
        key: value for key, value in event["data"].items() if key in ("stage_id", "pipeline_id", "stage_change_time")
    }
    [record] = read_records(api, [{**deal, **told}])
    previous = event.get("previous") or {}
    return [{**record, "previous_stage_id": previous.get("stage_id")}]


def _check_event(event: Record) -> None:
    """What a delivery must have to be read; anybody can send something else to a hook address."""
    data, previous = event["data"], event.get("previous")
    if not isinstance(data, dict) or not isinstance(data.get("id"), int) or isinstance(data["id"], bool):
        raise InputError("delivery", "a Pipedrive event about a deal has the deal's whole number in data.id")
    if previous is not None and not isinstance(previous, dict):
        raise InputError("delivery", "previous in a Pipedrive event is an object or null")


def _always(_: Record) -> bool:
    return True


def _was_moved(deal: Record) -> bool:
    return deal.get("stage_change_time") is not None


def _is_move(event: Record) -> bool:
    """A stage change is a change whose `previous` has another stage. (Facts on Pipedrive 5.2; documented)"""
    before = (event.get("previous") or {}).get("stage_id")
    return before is not None and before != event["data"].get("stage_id")


def _trigger(base: str, key: str, label: str, description: str, **rules: Any) -> Trigger:
    action, sort_by = rules["action"], rules["sort_by"]
    return Trigger(
        key=key,
        noun="Deal",
        label=label,
        description=description,
        perform=partial(_list, base, sort_by, rules.get("is_listed", _always)),
        sample=SAMPLE,
        hook=RestHook(
            subscribe=partial(_subscribe, base, action),
            unsubscribe=partial(_unsubscribe, base),
            perform=partial(_catch, base, rules.get("is_meant", _always)),
        ),
        primary=rules["primary"],
    )


# Authentication


def _test(base: str, session: "requests.Session", bundle: Bundle) -> Record:
    user = _api(base, session, bundle).get("/v1/users/me")
    return {"name": user["name"], "company_name": user["company_name"], "company_domain": user["company_domain"]}


def _fetch_token(
    oauth_base: str, client: tuple[str, str], session: "requests.Session", form: Mapping[str, str]
) -> Record:
    from .pipedrive_api import fetch_token  # see _api

    return fetch_token(oauth_base, client, session, form)


def make_app(*, client_id: str, client_secret: str, api_base: str = API_BASE, oauth_base: str = OAUTH_BASE) -> App:
    """The app, for the real Pipedrive or for another address. The client is that of the OAuth app."""
    client = (client_id, client_secret)

    def get_access_token(session: "requests.Session", code: str, redirect_uri: str) -> Record:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return _fetch_token(oauth_base, client, session, form)

    def refresh(session: "requests.Session", bundle: Bundle) -> Record:
        form = {"grant_type": "refresh_token", "refresh_token": str(bundle.auth_data.get("refresh_token", ""))}
        return _fetch_token(oauth_base, client, session, form)

    label = "{{name}} ({{company_domain}})"
    test = partial(_test, api_base)
    return App(
        key="pipedrive",
        title="Pipedrive",
        authentications=(
            Authentication("custom", test, label, (API_TOKEN,)),
            Authentication(
                "oauth2", test, label, (), OAuth2(client_id, f"{oauth_base}/oauth/authorize", get_access_token, refresh)
            ),
        ),
        triggers=(
            _trigger(
                api_base, "new_deal", "New Deal", "Triggers when a new deal is created.",
                action="create", sort_by="add_time", primary=("id",),
            ),
            _trigger(
                api_base, "updated_deal", "Updated Deal", "Triggers when an existing deal is updated.",
                action="change", sort_by="update_time", primary=("id", "update_time"), is_listed=_was_updated,
            ),
            _trigger(
                api_base, "updated_deal_stage", "Updated Deal Stage", "Triggers when a deal's stage is updated.",
                action="change", sort_by="update_time", primary=("id", "stage_id", "stage_change_time"),
                is_listed=_was_moved, is_meant=_is_move,
            ),
        ),
    )  # fmt: skip


def _was_updated(deal: Record) -> bool:
    return deal.get("update_time") is not None


API_TOKEN = InputField(
    key="api_token",
    label="API token",
    help_text="In Pipedrive: Personal preferences > API.",
    type="password",
    required=True,
)

SAMPLE: Record = {
    "id": 1,
    "title": "Website redesign",
    "creator_user_id": 1,
    "value": 4200.0,
    "person_id": 1,
    "org_id": 1,
    "stage_id": 1,
    "currency": "EUR",
    "add_time": "2026-09-01T08:15:30Z",
    "update_time": "2026-09-02T10:00:00Z",
    "status": "open",
    "probability": None,
    "lost_reason": None,
    "visible_to": 3,
    "close_time": None,
    "pipeline_id": 1,
    "won_time": None,
    "lost_time": None,
    "stage_change_time": "2026-09-02T10:00:00Z",
    "local_won_date": None,
    "local_lost_date": None,
    "local_close_date": None,
    "expected_close_date": "2026-10-15",
    "custom_fields": {},
    "owner_id": 1,
    "label_ids": [],
    "is_deleted": False,
    "origin": "ManuallyCreated",
    "origin_id": None,
    "channel": None,
    "channel_id": None,
    "acv": None,
    "arr": None,
    "mrr": None,
    "is_archived": False,
    "archive_time": None,
    "person": {
        "id": 1,
        "name": "Sam Sample",
        "first_name": "Sam",
        "last_name": "Sample",
        "email": "sam.sample@example.com",
        "phone": "+44 20 7946 0958",
        "emails": [{"label": "work", "value": "sam.sample@example.com", "primary": True}],
        "phones": [{"label": "work", "value": "+44 20 7946 0958", "primary": True}],
    },
    "organization": {"id": 1, "name": "Sample Ltd"},
    "stage": {"id": 1, "name": "Qualified"},
    "pipeline": {"id": 1, "name": "Pipeline"},
    "owner": {"id": 1, "name": "Olivia Owner", "email": "olivia.owner@example.com"},
    "previous_stage_id": None,
}
