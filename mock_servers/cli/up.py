"""`zaprig up`: serve the three servers until somebody says stop."""

import ipaddress
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..config import Config
from ..rig.database import DamagedDatabaseError, NewerDatabaseError
from ..rig.serving import TakenPortError
from ..rig.state_folder import StateInUseError, UnreadableStateError
from .stopping import Stop, heed_signals, wait

if TYPE_CHECKING:
    from ..served import ServedStack


T = TypeVar("T")

REFUSALS = (TakenPortError, StateInUseError, UnreadableStateError, NewerDatabaseError, DamagedDatabaseError)
"""What may hinder a start; each says what to do."""
WORTH_WATCHING = 2_000
"""Things that take longer to make than a person likes to wait without a word."""


class _Port(click.ParamType[int]):
    name = "port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= 65533):
            self.fail(f"{value} is no port: a number up to 65533 (two more follow it), or 0 for free ones.", param, ctx)
        return int(text)


class _Host(click.ParamType[str]):
    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value != "localhost":
            try:
                ipaddress.ip_address(value)
            except ValueError:
                self.fail(f"{value!r} is no IP address, such as 127.0.0.1, ::1 or 0.0.0.0, nor localhost.", param, ctx)
        return str(value)


class _HostName(click.ParamType[str]):
    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(r"(\*\.)?[A-Za-z0-9_:-]+(\.[A-Za-z0-9_-]+)*", str(value)):
            self.fail(f"{value!r} is no host name, such as rig.example.com or *.example.com.", param, ctx)
        return str(value).lower()


@click.command()
@click.option("--host", type=_Host(), default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=_Port(),
    default=8400,
    show_default=True,
    help="The local Zapier's port; Pipedrive has the next, CleverTap the one after. 0 takes free ones.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Keep everything in this folder; without it all is forgotten at the end.",
)
@click.option("--seed", type=int, default=None, help="Fixes chance: the same seed gives the same company. [default: 1]")
@click.option(
    "--deals",
    type=click.IntRange(0, 1_000_000),
    default=None,
    help="How many deals a new company starts with. [default: 25]",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    type=_HostName(),
    help="Answer to this host name, and allow calls to it. Repeat for more; *.example.com covers children.",
)
@click.option("--json", "as_json", is_flag=True, help="When ready, print one line of JSON instead of a table.")
def command(
    host: str,
    port: int,
    state: Path | None,
    seed: int | None,
    deals: int | None,
    allowed_hosts: tuple[str, ...],
    as_json: bool,
) -> None:
    """Serve Pipedrive, CleverTap and a local Zapier until Ctrl-C.

    Prints the addresses and credentials once all three answer. Requests and deliveries in hand are finished
    before it ends.
    """
    from ..served import serve

    config = Config(host, port, seed, deals, state.resolve() if state else None, allowed_hosts)
    try:
        heed_signals()
        with serve(config, track=track) as served:
            _announce(served, as_json=as_json)
            wait()
    except Stop:
        return  # everything in hand was finished on the way out of `serve`
    except REFUSALS as problem:
        raise click.ClickException(str(problem)) from None


def track(things: Iterable[T], total: int, noun: str) -> Iterable[T]:
    """A progress bar on stderr where there is much to make, and a person is looking."""
    if total < WORTH_WATCHING or not sys.stderr.isatty():
        return things
    import rich.progress

    from .showing import errors

    return rich.progress.track(things, f"Making {total:,} {noun}", total, console=errors, transient=True)


def _announce(served: "ServedStack", *, as_json: bool) -> None:
    described = {**served.describe(), "pid": os.getpid()}
    token = served.stack.control_token
    if as_json:
        if token is not None:
            described["control_token"] = token
        click.echo(json.dumps(described, separators=(",", ":")))
        sys.stdout.flush()
        return
    from .showing import console, rig_table

    console.print(rig_table(described))
    if token is not None:
        console.print(f"Control token, shown only now: {token}")
        console.print("The command uses it from ZAPRIG_TOKEN. Other machines are answered under names that")
        console.print("--allow-host allows, or under the very address that --host names.")
    kept = f"Everything is kept in {described['state']}." if described["state"] else "Nothing is kept at the end."
    console.print(f"{kept} Press Ctrl-C to stop.", highlight=False)
