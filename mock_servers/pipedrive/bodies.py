"""What a request holds: its credentials, its body as an object, the id in its path."""

from typing import Any

from ..rig.exchange import MalformedBodyError, Request
from . import errors
from .checks import LARGEST_ID, Fault
from .companies import Credentials

FORM = "application/x-www-form-urlencoded"


def credentials(request: Request) -> Credentials:
    """An API token by header or query, the header first, or an access token.

    Source: facts/pipedrive.md 1.2 (header documented, query observed, the order assumed), 1.3 (documented).
    """
    if "x-api-token" in request.headers:
        return Credentials(api_token=request.headers["x-api-token"])
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return Credentials(access_token=token.strip())
    return Credentials(api_token=request.query.get("api_token"))


def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object. Raises `ApiError`. Source: facts/pipedrive.md 1.1 (v2 takes JSON only)."""
    try:
        body = request.json()
    except MalformedBodyError:
        body = None
    if not isinstance(body, dict):
        raise errors.invalid([Fault("", "Expected the body to be a JSON object")])
    return body


def json_or_form(request: Request) -> dict[str, Any]:
    """The body as JSON or as a form; an empty one is `{}`. Raises `ApiError`.

    Source: facts/pipedrive.md 1.1 (documented for v1's POST), 4.6 ("Bad request" observed).
    """
    if not request.body.strip():
        return {}
    try:
        body = request.form() if request.media_type == FORM else request.json()
    except MalformedBodyError:
        body = None
    if not isinstance(body, dict):
        raise errors.invalid([Fault("", "Bad request")])
    return body


def record_id(request: Request, entity: str) -> int:
    """The id in the path. Raises `ApiError` 404 if nothing can have it (assumed): `deals/search` is such a path."""
    text = request.values["id"]
    if not text.isascii() or not text.isdigit() or len(text) > 16 or not 1 <= int(text) <= LARGEST_ID:
        raise errors.not_found(entity)
    return int(text)
