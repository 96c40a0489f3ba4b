"""Pipedrive's API with one connection's credentials, and what each of its refusals means for a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from connector.definition import Bundle, Record
from connector.errors import AuthenticationError, InputError, ThrottledError, UnexpectedAnswerError, UnreachableError

TIMEOUT_SECONDS = 30

LONGEST_TOKEN = 1_000
"""Characters; a real one has 40."""


@dataclass(frozen=True, slots=True)
class PipedriveApi:
    """Answers are unwrapped from their envelope."""

    session: requests.Session
    base: str
    headers: Mapping[str, str]

    def call(self, method: str, path: str, **wanted: Any) -> Any:
        """The `data` of the answer. Raises a `ConnectorError`; a 404 is an `UnexpectedAnswerError`."""
        url = f"{self.base}{path}"
        try:
            answer = self.session.request(
                method, url, headers=dict(self.headers), timeout=TIMEOUT_SECONDS, allow_redirects=False, **wanted
            )
        except requests.Timeout as error:
            raise UnreachableError(url, TIMEOUT_SECONDS) from error
        except requests.RequestException as error:
            raise UnreachableError(url) from error
        return _unwrapped(answer, url)

    def get(self, path: str, **params: Any) -> Any:
        """The `data` behind a path."""
        return self.call("GET", path, params=params)


def _unwrapped(answer: requests.Response, url: str) -> Any:
    if answer.status_code == 401:
        hint = "check the API token, or sign in to Pipedrive again"
        raise AuthenticationError(urlsplit(url).netloc, hint)
    if answer.status_code == 429:
        seconds = answer.headers.get("retry-after", "")
        raise ThrottledError(int(seconds) if seconds.isdigit() else None)
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not answer.ok or not isinstance(body, dict) or not body.get("success"):
        raise UnexpectedAnswerError(answer.status_code, answer.text[:200], url)
    return body.get("data")


def api_of(base: str, session: requests.Session, bundle: Bundle) -> PipedriveApi:
    """The API as the bundle's connection reaches it: an API token at `base`, or OAuth at the company's own domain."""
    auth = bundle.auth_data
    if token := auth.get("access_token"):
        return PipedriveApi(session, auth.get("api_domain") or base, {"Authorization": f"Bearer {token}"})
    token = str(auth.get("api_token", ""))
    if not (token.isascii() and token.isprintable()) or len(token) > LONGEST_TOKEN:
        reason = "an API token has printable ASCII characters only; copy it again from Pipedrive"
        raise InputError("api_token", reason)
    return PipedriveApi(session, base, {"x-api-token": token})


def fetch_token(oauth_base: str, client: tuple[str, str], session: requests.Session, form: Mapping[str, str]) -> Record:
    """Tokens from the sign-in's token endpoint, as auth data. Raises a `ConnectorError`."""
    url = f"{oauth_base}/oauth/token"
    try:
        answer = session.post(url, data=form, auth=client, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        raise UnreachableError(url) from error
    try:
        body = answer.json()
    except ValueError:
        body = {}
    if answer.status_code in (400, 401):
        raise AuthenticationError(url, str(body.get("message") or body.get("error") or "the sign-in was refused"))
    if not answer.ok or "access_token" not in body:
        raise UnexpectedAnswerError(answer.status_code, "an answer without a token", url)
    return {key: body[key] for key in ("access_token", "refresh_token", "api_domain") if key in body}
