"""`zaprig connect`: an account for the local Zapier. Secrets come from a file or a prompt, never from arguments."""

from pathlib import Path
from typing import Any

import click

from .client import RigClient, find_rig, read_file, url_option


@click.command()
@click.argument("app")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="A JSON or YAML file with the account's fields, or what `zaprig up --json` printed. - is stdin.",
)
@click.option("--sign-in", is_flag=True, help="Sign in by the browser instead: prints the page to open.")
@click.option("--title", default=None, help="A name for the connection; a label is made if there is none.")
@url_option
def command(app: str, source: Path | None, sign_in: bool, title: str | None, url: str | None) -> None:
    """Connect an account of APP (pipedrive, clevertap) to the local Zapier.

    The account is tested first; a failing test keeps nothing. Without --from it asks for each field.
    """
    rig = find_rig(url)
    wish: dict[str, Any] = {"app": app} | ({"title": title} if title else {})
    if sign_in:
        page = rig.call("POST", "/api/connections", {**wish, "type": "oauth2"})["authorize_url"]
        click.echo(f"Open this page to sign in:\n{page}")
        return
    fields = account_in(read_file(source), app, source) if source else None
    fields = _choose(rig, app, fields)
    made = rig.call("POST", "/api/connections", {**wish, "fields": fields})
    click.echo(
        f"Connected: {made['title']} (connection {made['id']}). A Zap can name it as @{app} while it is the only one."
    )


def account_in(document: Any, app: str, source: Path) -> dict[str, Any]:
    """The fields of an app's account in a document that holds only them, or in what `zaprig up --json` printed."""
    if isinstance(document, dict) and isinstance(document.get(app), dict):
        document = document[app]
    if not isinstance(document, dict):
        raise click.ClickException(f"{source} must hold an object with the account's fields.")
    return document


def _choose(rig: RigClient, key: str, given: dict[str, Any] | None) -> dict[str, Any]:
    apps = {app["key"]: app for app in rig.call("GET", "/api/apps")["data"]}
    if key not in apps:
        raise click.ClickException(f"There is no app {key!r}; there are {', '.join(sorted(apps))}.")
    custom = next((each for each in apps[key]["authentications"] if each["type"] == "custom"), None)
    if custom is None:
        raise click.ClickException(f"{apps[key]['title']} is connected by signing in: add --sign-in.")
    if given is not None:
        return {field["key"]: given[field["key"]] for field in custom["fields"] if field["key"] in given}
    return {
        field["key"]: click.prompt(field["label"], hide_input=field["type"] == "password") for field in custom["fields"]
    }
