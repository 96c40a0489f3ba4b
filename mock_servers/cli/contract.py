"""`zaprig contract`: do the servers answer as their OpenAPI documents say?"""

import functools
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
import requests
from requests.adapters import HTTPAdapter

from ..config import Config, fixtures
from ..harness.contract import clevertap_cases, pipedrive_cases
from ..harness.contract.connector_checks import (
    NoSuchContractError,
    ShippedConnector,
    check_connector,
    find_contract,
)
from ..harness.contract.fuzzing import fuzz
from ..harness.contract.reports import SUMMARY_COLUMNS, Report
from ..harness.contract.targets import PHASES, Settings, Target
from ..rig.clock import Clock
from ..rig.guard import is_loopback
from ..rig.transport import make_session
from .client import read_file
from .connect import account_in

if TYPE_CHECKING:
    from ..stack import Stack

PREPARE = {"clevertap": clevertap_cases.prepare, "pipedrive": pipedrive_cases.prepare}
DOCUMENTS = tuple(PREPARE)
START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
"""The time in process, where it stands still: two runs are equal."""
POLLS = {"counts_ready_after": 2}
"""A count is there when it is asked for the second time, so that both of its answers are seen."""

WRONG_USAGE = 64
"""What shells know as EX_USAGE. Click's own 2 means drift in this family of commands."""


class CannotBeginError(click.ClickException):
    """Something that is needed is missing; nothing was checked."""

    exit_code = WRONG_USAGE


class ContractGroup(click.Group):
    """A group whose wrong usage, its own and that of its subcommands, exits with 64."""

    def make_context(self, *args: Any, **given: Any) -> click.Context:
        """Read the arguments."""
        with _exits_with_64():
            return super().make_context(*args, **given)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _exits_with_64():
            return super().invoke(ctx)


@contextmanager
def _exits_with_64() -> Iterator[None]:
    try:
        yield
    except click.UsageError as wrong:
        wrong.exit_code = WRONG_USAGE  # type: ignore[misc]  # of this one, not of all
        raise


junit_option = click.option(
    "--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write JUnit XML into this file."
)


@click.group(cls=ContractGroup, invoke_without_command=True)
@click.option(
    "--document",
    "documents",
    multiple=True,
    type=click.Choice(DOCUMENTS),
    help="Check this document only. Repeat for more. [default: all]",
)
@click.option(
    "--phase",
    "phases",
    multiple=True,
    type=click.Choice(PHASES),
    help="Run this phase only. Repeat for more. [default: all]",
)
@click.option(
    "--max-examples",
    type=click.IntRange(1, 100_000),
    help="Cases by chance for each operation, and walks along the links. [default: as schemathesis.toml says]",
)
@click.option("--seed", type=click.IntRange(0), help="Fixes chance. [default: as schemathesis.toml says]")
@click.option("--sockets", is_flag=True, help="Serve a rig of its own on free ports and ask it there.")
@click.option("--url", metavar="URL", help="Ask a server at this address of this machine; needs --document and --from.")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="Credentials for servers that run already: what `zaprig up --json` printed, addresses too. - is stdin.",
)
@junit_option
@click.pass_context
def command(
    ctx: click.Context,
    documents: tuple[str, ...],
    phases: tuple[str, ...],
    max_examples: int | None,
    seed: int | None,
    sockets: bool,
    url: str | None,
    source: Path | None,
    junit: Path | None,
) -> None:
    """Check servers against their OpenAPI documents, with thousands of right, wrong and odd requests.

    Asked for nothing else, it checks this project's connector too.

    \b
    The phases:
      examples   what the document gives as examples
      coverage   the edges of every schema
      fuzzing    chance
      stateful   walks along the links: what one answer gives, the next request takes

    Without --sockets, --url and --from it asks a rig of its own in this process, and two runs are equal. Servers
    that run already are filled with what the requests say, so give a rig that you can do without.

    \b
    Examples:
      zaprig contract                                  everything, in process
      zaprig contract --sockets --junit contract.xml   everything, over sockets, with a report for a CI server
      zaprig contract --document pipedrive --phase coverage
      zaprig contract --from rig.json                  the rig that `zaprig up --json > rig.json` serves
      zaprig contract --url http://127.0.0.1:9000 --document clevertap --from account.json

    \b
    Exit codes:
      0    it holds
      1    it is broken, or could not be checked to the end
      64   wrong usage, or something is missing
    """  # noqa: D301 - \b is click's mark for "leave these lines as they are"
    if ctx.invoked_subcommand is not None:
        return
    _need_schemathesis()
    names = documents or DOCUMENTS
    _check_usage(documents, sockets=sockets, url=url, source=source)
    file = fixtures() / "schemathesis.toml"
    chosen = [phase for phase in PHASES if not phases or phase in phases]
    settings = Settings(file=file, seed=seed, max_examples=max_examples, phases=chosen)
    checks = []
    with ExitStack() as opened:
        if source is not None:
            targets = opened.enter_context(_running(names, source, url))
        else:
            targets = opened.enter_context(_own_rig(names, sockets=sockets))
        notice = opened.enter_context(_progress())
        for target in targets:
            checks += fuzz(target, settings, functools.partial(notice, target.name))
    if not (documents or phases or source):
        checks += check_connector(ShippedConnector)
    ctx.exit(_tell(Report(checks), junit))


@command.command()
@click.argument("contract", required=False, metavar="[MODULE:CLASS]")
@junit_option
@click.pass_context
def connector(ctx: click.Context, contract: str | None, junit: Path | None) -> None:
    """Check a connector: this project's, or the one of a subclass of ConnectorContract.

    Made-up form values must lead to requests that follow CleverTap's document, or be refused clearly before anything
    is sent; what CleverTap answers must be understood. Nothing leaves this process.

    \b
      zaprig contract connector
      zaprig contract connector tests.test_ours:TestOurConnector --junit connector.xml
    """  # noqa: D301 - see above
    _need_schemathesis()
    try:
        checks = check_connector(find_contract(contract) if contract else ShippedConnector)
    except NoSuchContractError as problem:
        raise CannotBeginError(str(problem)) from None
    ctx.exit(_tell(Report(checks), junit))


def _tell(report: Report, junit: Path | None) -> int:
    _show(report)
    if junit is not None:
        junit.write_text(report.to_junit(), encoding="utf-8")
    return report.exit_code


def _need_schemathesis() -> None:
    if importlib.util.find_spec("schemathesis") is None:
        raise CannotBeginError("schemathesis is missing: pip install 'zaprig[contract]'")


def _check_usage(documents: Sequence[str], *, sockets: bool, url: str | None, source: Path | None) -> None:
    if source is None and url is not None:
        raise click.UsageError("--url needs --from: a file with the account's credentials.")
    if source is not None and sockets:
        raise click.UsageError("--sockets serves a rig of its own; --from and --url ask servers that run already.")
    if url is not None and len(documents) != 1:
        raise click.UsageError("--url needs one --document: which of the documents that server follows.")


# What is asked


def _target(name: str, account: dict[str, Any], *, app: Any = None, url: str | None = None) -> Target:
    document = Path(__file__).parents[1] / name / "openapi.yaml"
    variables = {f"{name}_{field}".upper(): str(value) for field, value in account.items()}
    return Target(name=name, document=document, app=app, url=url, variables=variables, prepare=PREPARE[name])


@contextmanager
def _own_rig(names: Sequence[str], *, sockets: bool) -> Iterator[list[Target]]:
    """A new rig with a company full of deals, in this process or on free ports."""
    from ..served import serve
    from ..stack import build_stack

    if sockets:
        with serve(Config(port=0)) as served:
            _let_counts_wait(served.stack)
            rig = served.describe()
            yield [_target(name, rig[name], url=rig[name]["url"]) for name in names]
        return
    with build_stack(clock=Clock.frozen(START)) as stack:
        _let_counts_wait(stack)
        accounts = {
            "clevertap": stack.clevertap.default_credentials(),
            "pipedrive": stack.pipedrive.default_credentials(),
        }
        yield [_target(name, accounts[name], app=stack.lazy_app(name)) for name in names]


def _let_counts_wait(stack: "Stack") -> None:
    stack.clevertap.change_settings(stack.clevertap.default_credentials()["account_id"], POLLS)


@contextmanager
def _running(names: Sequence[str], source: Path, url: str | None) -> Iterator[list[Target]]:
    """Servers that run already, at the addresses in the file or at the one that was given."""
    document = read_file(source)
    with ExitStack() as opened:
        targets = []
        for name in names:
            account = account_in(document, name, source)
            address = _loopback(str(url or account.get("url") or ""), source, name)
            if name == "clevertap" and "account_id" in account:
                opened.enter_context(_counts_wait(f"{address}/_rig/accounts/{account['account_id']}"))
            targets.append(_target(name, account, url=address))
        yield targets


def _loopback(url: str, source: Path, name: str) -> str:
    """The address, if it is one of this machine: invented data must never reach a real account."""
    if not url:
        raise click.UsageError(f"{source} has no address for {name}: give --url.")
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if not is_loopback(parts.hostname or ""):
        raise click.UsageError(f"{url} is not on this machine. Only servers here are asked, such as 127.0.0.1:8402.")
    return parts.geturl().rstrip("/")


@contextmanager
def _counts_wait(account: str) -> Iterator[None]:
    """If it is a rig that has this account, its counts take their time until the block ends."""
    session = make_session(HTTPAdapter())
    try:
        answer = session.get(account, timeout=30)
        before = answer.json()["settings"]["counts_ready_after"] if answer.ok else None
    except (requests.RequestException, ValueError, LookupError, TypeError):
        before = None  # no rig; and whether anybody is there at all, the checks will tell
    if before is None:
        yield
        return
    session.patch(f"{account}/settings", json=POLLS, timeout=30).raise_for_status()
    yield
    session.patch(f"{account}/settings", json={"counts_ready_after": before}, timeout=30).raise_for_status()


# What is seen


@contextmanager
def _progress() -> Iterator[Callable[[str, str, int], None]]:
    """On stderr, where a person is looking."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from .showing import errors

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("Getting ready", total=None)
        yield lambda name, phase, cases: progress.update(task, description=f"{name}, {phase}: {cases:,} cases")


def _show(report: Report) -> None:
    """The table; then each fault with what is wrong, and how to see it again, whole, so that it can be copied."""
    from .showing import console, table

    console.print(table("", SUMMARY_COLUMNS, report.summary_rows()))
    for number, row in enumerate(report.finding_rows(), 1):
        times, where, operation, part, path, what, seen = row
        place = f"{part} {path}".strip()
        click.echo(f"\n{number}. {where}: {operation}, {place} ({times} times)\n   {what}")
        click.echo("".join(f"   {line}\n" for line in seen.splitlines()), nl=False)
