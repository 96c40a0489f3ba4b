"""What the Pipedrive triggers read: a connection's test, polls, trigger tests, and the reads behind a delivery."""

from functools import partial
from typing import Any

import requests

from connector import AuthenticationError, Bundle, Meta, Trigger

from ...zapier.apps.pipedrive import API_BASE, make_app
from .scenario import AuthData, Made, RefusedError, Scenario

WRONG_TOKEN = "wrong0token0wrong0token0wrong0token00000"  # noqa: S105 - it is meant to open nothing
EMAIL = "zaprig-test@example.com"

_APP = make_app(client_id="", client_secret="")


def _trigger(key: str) -> Trigger:
    found = _APP.find_trigger(key)
    assert found is not None  # noqa: S101 - the keys are those of the app
    return found


def _list(key: str, meta: Meta, session: requests.Session, auth_data: AuthData, _: Made) -> Any:
    return _trigger(key).perform(session, Bundle(auth_data=auth_data, meta=meta))


def _catch(session: requests.Session, auth_data: AuthData, made: Made) -> Any:
    """What is read when Pipedrive tells of the test deal's move. Source: facts/pipedrive.md 5.2."""
    deal = made["deal"]
    meta = {"action": "change", "entity": "deal"}
    event = {"data": deal, "previous": {"stage_id": made["first_stage"]}, "meta": meta}
    hook = _trigger("updated_deal_stage").hook
    assert hook is not None  # noqa: S101 - as above
    return hook.perform(session, Bundle(auth_data=auth_data, cleaned_request=event))


def _test(session: requests.Session, auth_data: AuthData, _: Made, **auth: str) -> Any:
    return _APP.authentications[0].test(session, Bundle(auth_data={**auth_data, **auth}))


def _make_a_deal(session: requests.Session, auth_data: AuthData) -> Made:
    """A person, and a deal of theirs that was moved to its pipeline's second stage."""
    call = partial(_call, session, auth_data)
    stages = call("GET", "/api/v2/stages?limit=500")
    first, second = [stage["id"] for stage in stages if stage["pipeline_id"] == stages[0]["pipeline_id"]][:2]
    emails = [{"value": EMAIL, "primary": True, "label": "work"}]
    made: dict[str, Any] = {"first_stage": first}
    try:
        made["person"] = call("POST", "/api/v2/persons", {"name": "Zaprig Test", "emails": emails})
        deal = {"title": "zaprig test deal", "value": 1200, "currency": "EUR", "person_id": made["person"]["id"]}
        made["deal"] = call("POST", "/api/v2/deals", {**deal, "stage_id": first})
        made["deal"] = call("PATCH", f"/api/v2/deals/{made['deal']['id']}", {"stage_id": second})
    except BaseException:
        _remove(session, auth_data, made)
        raise
    return made


def _remove(session: requests.Session, auth_data: AuthData, made: Made) -> None:
    for name in ("deal", "person"):
        if name in made:
            _call(session, auth_data, "DELETE", f"/api/v2/{name}s/{made[name]['id']}")


def _check_that_all_is_ours(records: Any, made: Made) -> None:
    """A poll reads the company's newest deals, whosever they are."""
    others = sum(record["id"] != made["deal"]["id"] for record in records)
    if others:
        message = f"The company has {others} other deals, which would be in the cassette. Use an empty sandbox company."
        raise RefusedError(message)


def _call(session: requests.Session, auth_data: AuthData, method: str, path: str, body: Any = None) -> Any:
    headers = {"x-api-token": auth_data["api_token"]}
    answer = session.request(method, API_BASE + path, json=body, headers=headers, timeout=30, allow_redirects=False)
    if not answer.ok:
        message = f"The test records cannot be made or removed: {method} {path} gave HTTP {answer.status_code}."
        raise RefusedError(message)
    return answer.json()["data"]


def _reads(key: str, shows: str, ask: Any) -> Scenario:
    return Scenario(
        key, "pipedrive", shows, ask,
        prepare=_make_a_deal, clean_up=_remove, check=_check_that_all_is_ours,
    )  # fmt: skip


PIPEDRIVE = (
    Scenario("pipedrive_connection", "pipedrive", "A Pipedrive connection is tested.", _test),
    Scenario(
        "pipedrive_connection-wrong_token", "pipedrive", "A Pipedrive connection is tested whose token is wrong.",
        partial(_test, api_token=WRONG_TOKEN), AuthenticationError, "check the API token",
        other_secrets=(WRONG_TOKEN,),
    ),
    *(
        each
        for key, noun in (
            ("new_deal", "new deals"),
            ("updated_deal", "changed deals"),
            ("updated_deal_stage", "deals that were moved"),
        )
        for each in (
            _reads(f"pipedrive_{key}", f"A poll for {noun}.", partial(_list, key, Meta())),
            _reads(
                f"pipedrive_{key}-test", f"The trigger test for {noun}.",
                partial(_list, key, Meta(is_loading_sample=True)),
            ),
        )
    ),
    _reads("pipedrive_delivery", "The reads behind the delivery of a move.", _catch),
)  # fmt: skip
"""What the local Zapier's Pipedrive app reads."""
