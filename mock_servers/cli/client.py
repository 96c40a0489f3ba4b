"""The command's way to a running rig: finds it, asks it, and says in words what it answered."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import requests

from ..config import rig_token, rig_url
from ..rig.transport import make_session
from ..rig.yaml_text import UnreadableYamlError, read_yaml


class RigClient:
    """The local Zapier's API at one address."""

    def __init__(self, url: str, session: requests.Session):
        self.url = url
        self._session = session

    def call(self, method: str, path: str, body: Any = None, params: Any = None) -> Any:
        """The JSON of the answer. A refusal or a rig that does not answer is a `click.ClickException`."""
        try:
            answer = self._session.request(
                method,
                f"{self.url}{path}",
                json={} if body is None and method != "GET" else body,
                params=params,
                timeout=120,
            )
        except requests.exceptions.InvalidJSONError as problem:  # what JSON cannot say, such as .nan in a YAML file
            raise click.ClickException(f"This cannot be sent: {problem}") from None
        except (requests.ConnectionError, requests.Timeout):
            raise click.ClickException(_nobody_there(self.url)) from None
        except requests.RequestException as problem:
            raise click.ClickException(f"{self.url} is no address of a rig: {problem}") from None
        return _read(answer, self.url)


def _read(answer: requests.Response, url: str) -> Any:
    try:
        body = answer.json()
    except ValueError:
        message = f"{url} answered with HTTP {answer.status_code} and no JSON; is it the local Zapier of a rig?"
        raise click.ClickException(message) from None
    if answer.ok:
        return body
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        raise click.ClickException(f"{url} answered with HTTP {answer.status_code}; is it the local Zapier of a rig?")
    said = {error["message"]}
    lines = [
        error["message"],
        *(
            f"  {each['path']}: {each['message']}" if each["path"] else f"  {each['message']}"
            for each in error["problems"]
            if each["message"] not in said  # a single fault often is the message itself
        ),
    ]
    raise click.ClickException("\n".join(lines))


def _nobody_there(url: str) -> str:
    return f"No rig answers at {url}. Start one with `zaprig up`, or say where it is with --url or ZAPRIG_URL."


def url_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--url`, as every verb that talks to a rig has it."""
    return click.option(
        "--url",
        default=None,
        metavar="URL",
        help="The local Zapier's address. [default: $ZAPRIG_URL or 127.0.0.1:8400]",
    )(function)


def find_rig(url: str | None) -> RigClient:
    """The rig at `--url`, `ZAPRIG_URL` or the default address."""
    from requests.adapters import HTTPAdapter

    session = make_session(HTTPAdapter())
    if token := rig_token():
        session.headers["Authorization"] = f"Bearer {token}"
    return RigClient(rig_url(url), session)


def read_file(path: Path) -> Any:
    """The document in a YAML or JSON file; `-` is stdin."""
    text = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    try:
        return read_yaml(text)
    except UnreadableYamlError as problem:
        raise click.ClickException(f"{path} cannot be read: {problem}.") from None
