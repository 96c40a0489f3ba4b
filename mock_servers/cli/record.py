"""`zaprig record`: cassettes of what the connector asks, taken from the rig or from the real service."""

import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..config import live_credentials
from .client import read_file
from .showing import console, table

if TYPE_CHECKING:
    from ..harness.scenarios import Place, Scenario, Taken


@click.command()
@click.argument("names", nargs=-1, metavar="[SCENARIO]...")
@click.option("--all", "is_all", is_flag=True, help="Every scenario (with --live, every one that can be played live).")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("cassettes"),
    show_default=True,
    help="The folder for SCENARIO.yaml.",
)
@click.option("--again", is_flag=True, help="Replace cassettes that are there.")
@click.option("--live", is_flag=True, help="Play it on the REAL service. Says first what will be sent, and asks.")
@click.option(
    "--credentials",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="For --live: a YAML or JSON file, clevertap: {account_id, passcode, region}, pipedrive: {api_token}."
    " - is stdin. [default: ZAPRIG_LIVE_CLEVERTAP_ACCOUNT_ID, ..._PASSCODE, ..._REGION,"
    " ZAPRIG_LIVE_PIPEDRIVE_API_TOKEN]",
)
@click.option("--yes", is_flag=True, help="For --live: do not ask.")
@click.pass_context
def command(
    context: click.Context,
    names: tuple[str, ...],
    is_all: bool,
    folder: Path,
    again: bool,
    live: bool,
    credentials: Path | None,
    yes: bool,
) -> None:
    """Record SCENARIOs; without one, list them.

    A scenario is what the connector asks, and what becomes of it. It is played on a rig in this process, without
    sockets and always the same, so recording again gives the same bytes.

    \b
      zaprig record                              the scenarios there are
      zaprig record upload_event                 cassettes/upload_event.yaml
      zaprig record --all --to fixtures/cassettes --again
      zaprig record upload_event --live --credentials account.yaml --to cassettes/live

    With --live only the test user zaprig-test@example.com, or a test deal, is written, and removed afterwards; an
    account where that would touch anything else is refused. Secrets, e-mail addresses and phone numbers never get into
    the file, names of Pipedrive's users and stages do.

    Exits 1 if a scenario came out otherwise than expected; its cassette is written all the same.
    """  # noqa: D301 - \b is click's mark for "leave these lines as they are"
    from ..harness.cassettes import CassetteError
    from ..harness.scenarios import SCENARIOS, RefusedError

    if not names and not is_all:
        rows = [(each.key, each.shows, "" if not each.needs_busy else "no") for each in SCENARIOS.values()]
        console.print(table("Scenarios", ("Scenario", "What it shows", "Live"), rows))
        return
    chosen = _choose(SCENARIOS, names, is_all=is_all, live=live)
    _refuse_to_replace([folder / f"{each.key}.yaml" for each in chosen], again=again)
    given = read_file(credentials) if credentials else None
    try:
        places = {each.key: _live_place(each, given) for each in chosen} if live else {}
        if live:
            _announce(chosen, places, yes=yes)
        taken = [(each, _take(each, places.get(each.key), folder)) for each in chosen]
    except (RefusedError, CassetteError) as problem:
        raise click.ClickException(str(problem)) from None
    context.exit(_report(taken, folder))


def _choose(scenarios: "Mapping[str, Scenario]", names: Iterable[str], *, is_all: bool, live: bool) -> "list[Scenario]":
    if is_all:
        return [each for each in scenarios.values() if not (live and each.needs_busy)]
    unknown = [name for name in names if name not in scenarios]
    if unknown:
        message = f"There is no scenario {', '.join(unknown)}. `zaprig record` lists those there are."
        raise click.ClickException(message)
    return [scenarios[name] for name in dict.fromkeys(names)]


def _refuse_to_replace(paths: Iterable[Path], *, again: bool) -> None:
    there = [str(path) for path in paths if path.exists()]
    if there and not again:
        raise click.ClickException(f"There is already {', '.join(there)}. Add --again to replace it.")


def _live_place(scenario: "Scenario", given: Any) -> "Place":
    from ..harness.scenarios.live import live_place

    account = given.get(scenario.vendor) if isinstance(given, dict) else None
    if given is not None and not isinstance(account, dict):
        raise click.ClickException(f"The credentials have no object {scenario.vendor!r}.")
    fields = live_credentials(scenario.vendor) if account is None else account
    return live_place(scenario.vendor, {name: str(value) for name, value in fields.items()})


def _announce(chosen: "list[Scenario]", places: "dict[str, Place]", *, yes: bool) -> None:
    """Say what will be sent, found on a rig, and ask."""
    from ..harness.scenarios.live import rehearse
    from ..rig.exchange import ApiError
    from ..studio import studio

    click.echo("This will be sent to the real service:")
    number = 0
    for scenario in chosen:
        try:
            with studio(scenario, region=places[scenario.key].auth_data.get("region")) as place:
                planned = rehearse(scenario, place)
        except ApiError as problem:
            raise click.ClickException(problem.message) from None
        click.echo(f"\n{scenario.key}")
        for each in planned:
            click.echo(f"  {each.part:<9} {each.method:<6} {each.url} {each.body}".rstrip())
        number += len(planned)
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.ClickException("Nobody is here to say yes. Add --yes if all of this is meant.")
    click.confirm(f"Send these {number} requests?", abort=True)


def _take(scenario: "Scenario", place: "Place | None", folder: Path) -> "Taken":
    """Recorded beside and then put in place, so that a recording that fails leaves the old one."""
    from ..harness.scenarios import play
    from ..studio import studio

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".recording-", dir=folder) as beside:
        new = Path(beside) / f"{scenario.key}.yaml"
        if place is not None:
            taken = play(scenario, place, new)
        else:
            with studio(scenario) as here:
                taken = play(scenario, here, new)
        new.replace(folder / new.name)
    return taken


def _report(taken: "list[tuple[Scenario, Taken]]", folder: Path) -> int:
    rows = [
        (f"{folder / scenario.key}.yaml", each.interactions, each.problem or "as expected") for scenario, each in taken
    ]
    console.print(table("Recorded", ("Cassette", "Interactions", "Came out"), rows))
    return 1 if any(each.problem for _, each in taken) else 0
