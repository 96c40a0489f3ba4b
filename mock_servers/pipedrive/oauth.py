"""OAuth 2 with an authorization code: what is wrong with a request, and how long things live.

Messages are the documented ones; the order of checks is that of the server library whose texts they are.
Source: facts/pipedrive.md 1.3 (messages documented; pairing with RFC 6749 codes and the order assumed).
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

FORM = "application/x-www-form-urlencoded"
CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(minutes=60)
REFRESH_LIFE = timedelta(days=60)
"""After the last use. Source of all three: facts/pipedrive.md 1.3 (documented)."""
EXPIRES_IN = 3599
"""What the answer says of the 60 minutes. Source: facts/pipedrive.md 9 (documented)."""
GRANT_TYPES = ("authorization_code", "refresh_token")


@dataclass(frozen=True, slots=True)
class App:
    """A registered app. `redirect_uri` is a name if it is one of our own servers; scopes are fixed here."""

    client_id: str
    client_secret: str = field(repr=False)
    name: str
    redirect_uri: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """What a user allowed an app, until it is turned into tokens, once."""

    client_id: str
    company_id: int
    user_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """An installed app of a user: it lives as long as its refresh token is used."""

    client_id: str
    company_id: int
    user_id: int
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there are no tokens: the code of RFC 6749, and the documented message."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A token request of the right form, its client not yet looked up."""

    client_id: str
    client_secret: str = field(repr=False)
    form: Mapping[str, str]


def read_token_request(media_type: str, authorization: str, form: Mapping[str, str]) -> TokenRequest | Refusal:
    """Who asks for tokens, by a Basic header or a pair in the body. Source: facts/pipedrive.md 1.3 (documented)."""
    if media_type != FORM:
        return Refusal("invalid_request", "Invalid request: content must be `application/x-www-form-urlencoded`")
    pair = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
    if not all(pair):
        return Refusal("invalid_client", "Invalid client: cannot retrieve client credentials")
    return TokenRequest(*pair, form)


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, separator, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (name, secret) if separator else None


WRONG_CLIENT = Refusal("invalid_client", "Invalid client: client is invalid")
WRONG_REFRESH_TOKEN = Refusal("invalid_grant", "Invalid grant: `refresh_token` is invalid")


def find_grant_problem(form: Mapping[str, str]) -> Refusal | None:
    """Is there a grant type, and do we know it?"""
    if not form.get("grant_type"):
        return Refusal("invalid_request", "Missing parameter: `grant_type`")
    if form["grant_type"] not in GRANT_TYPES:
        return Refusal("unsupported_grant_type", "Unsupported grant type: `grant_type` is invalid")
    return None


def find_redirect_problem(redirect_uri: str, name: str, app: App) -> Refusal | None:
    """Is it an address at all, and the registered one? `name` is its stored form."""
    if not is_uri(redirect_uri):
        return Refusal("invalid_request", "Invalid request: `redirect_uri` is not a valid URI")
    if name != app.redirect_uri:
        return Refusal("invalid_request", "Invalid request: `redirect_uri` is invalid")
    return None


def is_uri(text: str) -> bool:
    """Has it a scheme and a host?"""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc)


def find_code_problem(code: Code | None, app: App, now: datetime) -> Refusal | None:
    """Is the code this app's, unused and at most five minutes old? A used code is forgotten, so it is None."""
    if code is None or code.client_id != app.client_id:
        return Refusal("invalid_grant", "Invalid grant: `authorization_code` is invalid")
    if now > code.expires_at:
        return Refusal("invalid_grant", "Invalid grant: `authorization_code` has expired")
    return None


def find_refresh_problem(consent: Consent | None, app: App, now: datetime) -> Refusal | None:
    """Is the refresh token this app's, and used within 60 days? (documented; the wording for too late is assumed)."""
    if consent is None or consent.client_id != app.client_id or now > consent.used_at + REFRESH_LIFE:
        return WRONG_REFRESH_TOKEN
    return None


def redirect_to(redirect_uri: str, *, state: str | None, **outcome: str) -> str:
    """Where the browser goes with a code or an error; the state goes back unchanged."""
    parameters = {**outcome, **({} if state is None else {"state": state})}
    return f"{redirect_uri}{'&' if urlsplit(redirect_uri).query else '?'}{urlencode(parameters)}"
