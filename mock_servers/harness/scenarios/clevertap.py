"""The connector's two actions and its connection test against CleverTap, with everything that can go wrong."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import requests

from connector import (
    AuthenticationError,
    Bundle,
    CleverTapClient,
    ConnectorError,
    Credentials,
    RecordRejectedError,
    ThrottledError,
    UnexpectedAnswerError,
    make_app,
)
from connector.credentials import DEFAULT_BASE_URL, base_url

from .scenario import AuthData, Made, RefusedError, Scenario

IDENTITY = "zaprig-test@example.com"
"""The one user that scenarios write about."""
WRONG_PASSCODE = "WRONG-PASSCODE-0000"
UNKNOWN_ACCOUNT = "ZZZ-ZZZ-ZZZZ"

_INPUT: Mapping[str, Mapping[str, str]] = {
    "create_update_user_profile": {
        "identity": IDENTITY,
        "creation_date": "2026-11-02T09:30:00Z",
        "profile_properties": f'{{"Name": "Zaprig Test", "Email": "{IDENTITY}", "Deal": "Red bicycle"}}',
    },
    "upload_event": {
        "identity": IDENTITY,
        "creation_date": "2026-11-02T09:30:00Z",
        "event_name": "Deal Stage Changed",
        "event_properties": '{"Stage": "Won", "Value": 1200.5, "Currency": "EUR", "Expected Close": "2026-11-30"}',
    },
}
_REJECTED = {
    "create_update_user_profile": ({"profile_properties": '{"Email": "no address"}'}, "code 515"),
    "upload_event": ({"event_name": "App Launched"}, "code 513"),
}


def _act(
    action: str,
    session: requests.Session,
    auth_data: AuthData,
    _: Made,
    *,
    auth: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    base: str = DEFAULT_BASE_URL,
) -> Any:
    bundle = Bundle(auth_data={**auth_data, **(auth or {})}, input_data={**_INPUT[action], **(fields or {})})
    found = make_app(base_url=base).find_action(action)
    assert found is not None  # noqa: S101 - the keys are those of the app
    return found.perform(session, bundle)


def _act_elsewhere(action: str, session: requests.Session, auth_data: AuthData, made: Made) -> Any:
    region = "in1" if auth_data["region"] != "in1" else "eu1"
    return _act(action, session, auth_data, made, auth={"region": region})


def _test_connection(session: requests.Session, auth_data: AuthData, _: Made, **auth: str) -> Any:
    [authentication] = make_app().authentications
    return authentication.test(session, Bundle(auth_data={**auth_data, **auth}))


def _check_that_nobody_has_it(session: requests.Session, auth_data: AuthData) -> Made:
    """On a real account the user may be there already. Then it is not ours to change or to delete."""
    if CleverTapClient(Credentials(**auth_data), session).profile(identity=IDENTITY) is not None:
        message = f"The account has a profile {IDENTITY} already. Delete it in CleverTap's dashboard first."
        raise RefusedError(message)
    return {}


def _delete(session: requests.Session, auth_data: AuthData, _: Made) -> None:
    """Source: facts/clevertap.md 3.6 (documented; the real service takes up to 48 hours)."""
    credentials = Credentials(**auth_data)
    address = f"{base_url(credentials.region)}/1/delete/profiles.json"
    answer = session.post(address, json={"identity": [IDENTITY]}, headers=credentials.headers(), timeout=30)
    if not answer.ok:
        message = f"{IDENTITY} could not be deleted (HTTP {answer.status_code}). Delete it in CleverTap's dashboard."
        raise RefusedError(message)


def _scenarios_of(action: str, noun: str) -> list[Scenario]:
    ask = partial(_act, action)
    rejected, code = _REJECTED[action]

    def fails(name: str, shows: str, ask: Any, raises: type[ConnectorError], says: str, **more: Any) -> Scenario:
        return Scenario(f"{action}-{name}", "clevertap", shows, ask, raises, says, **more)

    return [
        Scenario(
            action, "clevertap", f"One {noun} is processed.", ask,
            prepare=_check_that_nobody_has_it, clean_up=_delete,
        ),
        fails(
            "rejected", f"One {noun} is not processed; HTTP 200 all the same.",
            partial(ask, fields=rejected), RecordRejectedError, code,
            prepare=_check_that_nobody_has_it, clean_up=_delete,
        ),
        fails(
            "wrong_passcode", "The passcode is not one of the account's.",
            partial(ask, auth={"passcode": WRONG_PASSCODE}), AuthenticationError, "Passcode",
            other_secrets=(WRONG_PASSCODE,),
        ),
        fails(
            "unknown_account", "There is no such account.",
            partial(ask, auth={"account_id": UNKNOWN_ACCOUNT}), AuthenticationError, "check Account ID",
            other_secrets=(UNKNOWN_ACCOUNT,),
        ),
        fails(
            "wrong_region", "The account is in another region.",
            partial(_act_elsewhere, action), AuthenticationError, "region",
        ),
        fails(
            "wrong_address", "The base address has a path too many.",
            partial(ask, base=DEFAULT_BASE_URL + "/1"), UnexpectedAnswerError, "HTTP 404",
        ),
        fails(
            "throttled", "The account has as many calls in hand as it may.",
            ask, ThrottledError, "Too many requests", needs_busy=True,
        ),
    ]  # fmt: skip


CLEVERTAP = (
    *_scenarios_of("create_update_user_profile", "profile"),
    *_scenarios_of("upload_event", "event"),
    Scenario("test_connection", "clevertap", "The connection is tested, which stores nothing.", _test_connection),
    Scenario(
        "test_connection-wrong_passcode", "clevertap", "A connection is tested whose passcode is wrong.",
        partial(_test_connection, passcode=WRONG_PASSCODE), AuthenticationError, "Passcode",
        other_secrets=(WRONG_PASSCODE,),
    ),
)  # fmt: skip
"""What the connector does with CleverTap."""
