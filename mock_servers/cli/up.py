"""`zaprig up`: serve the three servers until somebody says stop."""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..config import Config
from ..rig.database import NewerDatabaseError
from ..rig.serving import TakenPortError
from ..rig.state_folder import StateInUseError, UnreadableStateError

if TYPE_CHECKING:
    from ..served import ServedStack


WORTH_WATCHING = 2_000
"""Deals that take longer to make than a person likes to wait without a word."""


class _Port(click.ParamType[int]):
    name = "port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if not (str(value).isdigit() and int(value) <= 65533):
            self.fail(f"{value} is no port: a number up to 65533 (two more follow it), or 0 for free ones.", param, ctx)
        return int(value)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
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
    default=25,
    show_default=True,
    help="How many deals a new company starts with.",
)
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Answer to this host name, and allow calls to it. Repeat for more; *.example.com covers children.",
)
@click.option("--json", "as_json", is_flag=True, help="When ready, print one line of JSON instead of a table.")
def command(host: str, port: int, state: Path | None, seed: int | None, deals: int, allowed_hosts: tuple[str, ...],
            as_json: bool) -> None:  # fmt: skip
    """Serve Pipedrive, CleverTap and a local Zapier until Ctrl-C.

    Prints the addresses and credentials once all three answer. Requests and deliveries in hand are finished
    before it ends.
    """
    from ..served import serve

    config = Config(host, port, seed, deals, state.resolve() if state else None, allowed_hosts)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with serve(config, track=track_deals) as served:
            _announce(served, as_json=as_json)
            stop.wait()
    except (TakenPortError, StateInUseError, UnreadableStateError, NewerDatabaseError) as problem:
        raise click.ClickException(str(problem)) from None


def track_deals(deals: Iterable[Any], total: int) -> Iterable[Any]:
    """A progress bar on stderr for a large company, where a person is looking."""
    if total < WORTH_WATCHING or not sys.stderr.isatty():
        return deals
    from rich.progress import track

    from .showing import errors

    return track(deals, f"Making {total:,} deals", total, console=errors, transient=True)


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
        console.print(f"Control token (shown once): {token}")
    kept = f"Everything is kept in {described['state']}." if described["state"] else "Nothing is kept at the end."
    console.print(f"{kept} Press Ctrl-C to stop.", highlight=False)
