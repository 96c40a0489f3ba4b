"""`zaprig zap`: what the editor's buttons do, and what the history shows."""

from pathlib import Path
from typing import Any

import click

from .client import find_rig, read_file, url_option
from .showing import console, print_json, table

SHOWN_STATES = {"draft": "a draft", "on": "on", "off": "off"}

json_option = click.option("--json", "as_json", is_flag=True, help="Print the API's own answer.")


@click.group()
def command() -> None:
    """Make, test, publish and watch Zaps.

    \b
    In the order of the guide:
      zaprig zap create FILE          + Create Zap
      zaprig zap test-trigger 1       Test trigger: up to three records
      zaprig zap select-record 1 ID   Continue with selected record
      zaprig zap test-step 1 2        Test step: really writes
      zaprig zap publish 1            Publish
      zaprig zap runs 1               what ran since
    """  # noqa: D301 - \b is click's mark for "leave these lines as they are"


@command.command("list")
@json_option
@url_option
def list_zaps(url: str | None, as_json: bool) -> None:
    """All Zaps."""
    answer = find_rig(url).call("GET", "/api/zaps", params={"limit": 500})
    if as_json:
        return print_json(answer)
    rows = [
        (zap["id"], zap["title"], zap["state"], f"{zap['trigger']['app']} {zap['trigger']['event']}",
         zap["trigger"]["by"], len(zap["problems"]) or "")
        for zap in answer["data"]
    ]  # fmt: skip
    if not rows:
        return click.echo("There is no Zap yet. Make one with `zaprig zap create FILE`.")
    return console.print(table("Zaps", ("Id", "Title", "State", "Trigger", "By", "To mend"), rows))


@command.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@json_option
@url_option
def create(file: Path, url: str | None, as_json: bool) -> None:
    """Keep the Zap in FILE (YAML or JSON, - is stdin) as a draft. Every mistake in it is named."""
    document = read_file(file)
    zap = find_rig(url).call("POST", "/api/zaps", document)
    if as_json:
        return print_json(zap)
    click.echo(f"Zap {zap['id']} “{zap['title']}” is a draft.")
    _show_problems(zap)
    return click.echo(f"Next: zaprig zap test-trigger {zap['id']}")


@command.command()
@click.argument("id", type=click.IntRange(1))
@json_option
@url_option
def show(id: int, url: str | None, as_json: bool) -> None:
    """A Zap with its steps and what hinders publishing."""
    zap = find_rig(url).call("GET", f"/api/zaps/{id}")
    if as_json:
        return print_json(zap)
    beside = ", with a draft beside" if zap["has_draft"] and zap["version"] else ""
    click.echo(f"Zap {zap['id']} “{zap['title']}”: {zap['state']}{beside}, time zone {zap['timezone']}")
    rows = [(1, zap["trigger"]["app"], f"{zap['trigger']['event']} by {zap['trigger']['by']}", _fields(zap["trigger"]))]
    rows += [(number, step["app"], step["event"], _fields(step)) for number, step in enumerate(zap["steps"], start=2)]
    console.print(table("", ("Step", "App", "Event", "Fields"), rows))
    if zap["last_problem"]:
        click.echo(f"Last problem: {zap['last_problem']}")
    return _show_problems(zap)


def _fields(step: dict[str, Any]) -> str:
    return "\n".join(f"{key}: {value}".rstrip() for key, value in step["fields"].items())


def _show_problems(zap: dict[str, Any]) -> None:
    for problem in zap["problems"]:
        click.echo(f"To mend before publishing: {problem['path']}: {problem['message']}")


@command.command("test-trigger")
@click.argument("id", type=click.IntRange(1))
@json_option
@url_option
def test_trigger(id: int, url: str | None, as_json: bool) -> None:
    """Fetch up to three records, newest first; the newest is selected."""
    answer = find_rig(url).call("POST", f"/api/zaps/{id}/test-trigger")
    if as_json:
        return print_json(answer)
    rows = [
        ("*" if each["id"] == answer["selected_record"] else "", each["id"], each["label"], _summary(each["record"]))
        for each in answer["data"]
    ]
    console.print(table("Records", ("", "Id", "Label", "Record"), rows))
    return click.echo(f"Next: zaprig zap select-record {id} RECORD, or zaprig zap test-step {id} 2")


def _summary(record: dict[str, Any]) -> str:
    shown = {key: value for key, value in record.items() if isinstance(value, str | int | float)}
    return ", ".join(f"{key}: {value}" for key, value in list(shown.items())[:6])


@command.command("select-record")
@click.argument("id", type=click.IntRange(1))
@click.argument("record")
@json_option
@url_option
def select_record(id: int, record: str, url: str | None, as_json: bool) -> None:
    """Continue with the test record RECORD."""
    zap = find_rig(url).call("POST", f"/api/zaps/{id}/select-record", {"record_id": record})
    if as_json:
        return print_json(zap)
    return click.echo(f"Record {zap['selected_record']} is selected. Next: zaprig zap test-step {id} 2")


@command.command("test-step")
@click.argument("id", type=click.IntRange(1))
@click.argument("step", type=int)
@json_option
@url_option
@click.pass_context
def test_step(context: click.Context, id: int, step: int, url: str | None, as_json: bool) -> None:
    """Run action STEP once with the selected record. It really writes. Exits 1 if the step failed."""
    answer = find_rig(url).call("POST", f"/api/zaps/{id}/steps/{step}/test")
    if as_json:
        print_json(answer)
    else:
        click.echo(f"Step {step}: {answer['status']}")
        console.print(table("Data in", ("Field", "Value"), answer["data_in"].items()))
        if answer["error"]:
            click.echo(answer["error"]["message"], err=True)
        else:
            console.print(table("Data out", ("Field", "Value"), answer["data_out"].items()))
            click.echo(f"Next: zaprig zap publish {id}")
    context.exit(0 if answer["status"] == "success" else 1)


def _switch(verb: str, help: str) -> None:
    @command.command(verb, help=help)
    @click.argument("id", type=click.IntRange(1))
    @json_option
    @url_option
    def switch(id: int, url: str | None, as_json: bool) -> None:
        zap = find_rig(url).call("POST", f"/api/zaps/{id}/{verb}")
        if as_json:
            return print_json(zap)
        version = f", version {zap['version']}" if zap["version"] else ""
        return click.echo(f"Zap {zap['id']} “{zap['title']}” is {SHOWN_STATES[zap['state']]}{version}.")


_switch("publish", "Make the draft the live version and turn the Zap on.")
_switch("on", "Turn a published Zap on again; what happened while it was off never fires.")
_switch("off", "Turn a Zap off: unsubscribe its hook, or stop polling.")


@command.command()
@click.argument("id", type=click.IntRange(1))
@json_option
@url_option
def poll(id: int, url: str | None, as_json: bool) -> None:
    """Poll now instead of waiting for the interval."""
    answer = find_rig(url).call("POST", f"/api/zaps/{id}/poll")
    if as_json:
        return print_json(answer)
    return click.echo(f"{answer['new_records']} new records.")


@command.command()
@click.argument("id", type=click.IntRange(1))
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True, help="How many, newest first.")
@json_option
@url_option
def runs(id: int, limit: int, url: str | None, as_json: bool) -> None:
    """What ran, newest first, with the reason where a step failed."""
    rig = find_rig(url)
    answer = rig.call("GET", f"/api/zaps/{id}/runs", params={"limit": limit})
    answer["data"] = [rig.call("GET", f"/api/runs/{run['id']}") for run in answer["data"]]
    if as_json:
        return print_json(answer)
    if not answer["data"]:
        return click.echo("Nothing ran yet. Make a deal, or move one to another stage.")
    rows = [(run["start_time"], run["label"], run["id"], _reason(run)) for run in answer["data"]]
    return console.print(table(f"Runs of Zap {id}", ("Started", "Status", "Run", "Reason"), rows))


def _reason(run: dict[str, Any]) -> str:
    failed = [step for step in run["steps"] if step["error"]]
    return "; ".join(f"step {step['step']}: {step['error']['message']}" for step in failed)
