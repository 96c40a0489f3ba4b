"""`python -m bench.soak`: does a rig that runs for long need more and more memory? `make soak` runs it.

A rig is served here, and a client in a process of its own uploads to it over one connection. What the rig keeps of the
past (journal, upload log, error stream, debug events) is bounded, so after a while its memory must stay as it is. The
profiles and events themselves are kept, on the disk.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import random
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from mock_servers.clevertap.log_storage import MOST_DEBUG_EVENTS, MOST_ERRORS, MOST_UPLOADS
from mock_servers.config import Config
from mock_servers.rig.clock import stopwatch
from mock_servers.served import serve

FIRST, MORE = 20_000, 200_000
AIM = 10_000_000
"""Bytes."""
USERS, GREEDY_USERS = 1_000, 10
"""The greedy ask for the identities of others, so often that their debug events reach the bound."""
AT_ONCE = 1_000
"""Uploads from one report of the client to the next."""


class Reading(NamedTuple):
    """What the rig takes after so many uploads, in bytes."""

    uploads: int
    memory: int
    disk: int


def main() -> None:
    """Upload, look, print; the exit code is 1 if an aim is missed."""
    arguments = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    arguments.add_argument("--uploads", type=int, default=MORE, metavar="N", help=f"after the first {FIRST:,}")
    more = max(arguments.parse_args().uploads, AT_ONCE)
    with tempfile.TemporaryDirectory(prefix="zaprig-soak-") as folder:
        state = Path(folder) / "state"
        with serve(Config(port=0, deals=0, state=state)) as rig:
            readings = list(_read_while_uploading(rig.describe()["clevertap"], state, FIRST + more))
        rows = _bounded_rows(state)
    early, late = readings[FIRST // AT_ONCE - 1], readings[-1]
    _print_course(readings)
    added = late.memory - early.memory
    table = Table(title=f"A rig after {late.uploads:,} uploads", title_justify="left")
    for column in ("ours", "compared with", "ratio", "aim"):
        table.add_column(column, justify="right" if column == "ratio" else "left")
    table.add_row(
        f"memory at the end\n{_megabytes(late.memory)}",
        f"after the first {early.uploads:,} uploads\n{_megabytes(early.memory)}",
        f"{late.memory / early.memory:.2f}",
        f"less than {_megabytes(AIM)} more\n{_megabytes(added, sign='+')}",
    )
    for name, rows_there, bound in rows:
        table.add_row(f"{name}\n{rows_there:,}", f"the bound\n{bound:,}", f"{rows_there / bound:.2f}", "at most 1.0")
    Console().print(table)
    sys.exit(added >= AIM or any(rows_there > bound for _, rows_there, bound in rows))


def _print_course(readings: list[Reading]) -> None:
    """Ten readings on the way, to see whether it grows steadily or once."""
    table = Table(title="On the way", title_justify="left")
    for column in ("uploads", "memory", "database"):
        table.add_column(column, justify="right")
    step = max(len(readings) // 11, 1)
    for reading in readings[step - 1 :: step]:
        table.add_row(f"{reading.uploads:,}", _megabytes(reading.memory), _megabytes(reading.disk))
    Console().print(table)


def _megabytes(size: int, sign: str = "") -> str:
    return f"{size / 1e6:{sign},.1f} MB"


def memory() -> int:
    """The resident memory of this process in bytes; where the system does not say, the most it ever was."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
    return pages * os.sysconf("SC_PAGE_SIZE")


def _read_while_uploading(clevertap: dict[str, str], state: Path, uploads: int) -> Iterator[Reading]:
    """A reading each time when the client has uploaded so many more."""
    errors, started = Console(stderr=True), stopwatch()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _client(clevertap, uploads) as reports, Progress(*columns, console=errors) as progress:
        bar = progress.add_task("Uploading", total=uploads)
        for done in range(AT_ONCE, uploads + 1, AT_ONCE):
            reports.recv()  # raises EOFError if the client broke off; it has said why
            disk = sum(file.stat().st_size for file in state.glob("clevertap.sqlite*"))
            yield Reading(done, memory(), disk)
            rate = done / (stopwatch() - started)
            progress.update(bar, completed=done, description=f"Uploading, {rate:,.0f} a second")
    rate = uploads / (stopwatch() - started)
    Console().print(f"{uploads:,} uploads, {rate:,.0f} a second.", highlight=False)


@contextmanager
def _client(clevertap: dict[str, str], uploads: int) -> Iterator["Connection[Any, Any]"]:
    """Its reports, one after `AT_ONCE` uploads."""
    context = multiprocessing.get_context("spawn")
    reports, theirs = context.Pipe(duplex=False)
    process = context.Process(target=upload_all, args=(clevertap, uploads, theirs))
    process.start()
    theirs.close()
    try:
        yield reports
        process.join()
    finally:
        process.kill()
        process.join()
        reports.close()


def _bounded_rows(state: Path) -> list[tuple[str, int, int]]:
    """Of each table that must not grow for ever: what it is, its rows, and how many there may be."""
    with closing(sqlite3.connect(state / "clevertap.sqlite")) as connection:

        def most(query: str) -> int:
            return int(connection.execute(query).fetchone()[0] or 0)

        return [
            ("uploads remembered", most("SELECT COUNT(*) FROM upload"), MOST_UPLOADS),
            ("entries of the error stream", most("SELECT COUNT(*) FROM error_entry"), MOST_ERRORS),
            (
                "debug events of one profile",
                most("SELECT MAX(n) FROM (SELECT COUNT(*) n FROM debug_event GROUP BY profile_id)"),
                MOST_DEBUG_EVENTS,
            ),
        ]


# The client


def upload_all(clevertap: dict[str, str], uploads: int, reports: "Connection[Any, Any]") -> None:
    """Upload, and report after each `AT_ONCE`. Every answer must be the one that is due."""
    address = urlsplit(clevertap["url"])
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
    headers = {
        "Content-Type": "application/json",
        "X-CleverTap-Account-Id": clevertap["account_id"],
        "X-CleverTap-Passcode": clevertap["passcode"],
    }
    chance = random.Random(1)
    for number in range(1, uploads + 1):
        for request in requests_of(number, chance):
            connection.request("POST", request.path, request.body, {**headers, **request.headers})
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == request.status, said
            assert request.says in said, said
        if number % AT_ONCE == 0:
            reports.send(number)
    connection.close()
    reports.close()


class Upload(NamedTuple):
    """What is sent, and what must come back."""

    body: bytes
    says: bytes
    status: int = 200
    path: str = "/1/upload"
    headers: dict[str, str] = {}


def requests_of(number: int, chance: random.Random) -> Iterator[Upload]:
    """An upload of some good, bad and odd records; at times something besides that must leave nothing behind."""
    body = json.dumps({"d": records_of(number, chance)}).encode()
    yield Upload(body, b'"status":"partial"')
    if number % 20 == 0:
        yield Upload(body, b'"status":"partial"', path="/1/upload?dryRun=1")
    if number % 50 == 0:
        yield Upload(body[: len(body) // 2], b'"status":"fail"', status=400)
    if number % 70 == 0:
        yield Upload(body, b'"status":"fail"', status=401, headers={"X-CleverTap-Passcode": f"wrong-passcode-{number}"})
    if number % 20 == 7:
        yield Upload(body, b'"status":"fail"', status=404, path=f"/1/nothing-{number}-{'long' * 400}")


def records_of(number: int, chance: random.Random) -> list[dict[str, Any]]:
    """Of one of the users: a profile, an event, a record that is refused, one that is changed; at times a conflict."""
    user, ts = f"customer-{chance.randrange(USERS)}", 1_700_000_000 + number
    records: list[dict[str, Any]] = [
        {
            "type": "profile",
            "identity": user,
            "ts": ts,
            "profileData": {
                "Name": f"Ada Moreau {number}",
                "Deal Title": f"Red bicycle {number}",
                "Deal Value": number / 2,
                "Deals": {"$add": [f"deal {number}"]},
            },
        },
        {
            "type": "event",
            "identity": user,
            "ts": ts,
            "evtName": "Deal Stage Changed",
            "evtData": {"Deal Title": f"Red bicycle {number}", "Stage": chance.choice(["Qualified", "Won"])},
        },
        {"type": "profile", "identity": user, "ts": ts, "profileData": {"Email": f"no address {number}"}},
        {
            "type": "event",
            "identity": user,
            "ts": ts,
            "evtName": "Deal: Closed!",
            "evtData": {f"Odd.{number}": True, "Note": f"{number} " + "long " * 200},
        },
    ]
    if number % 10 == 0:
        greedy = f"customer-{chance.randrange(GREEDY_USERS)}"
        records.append({"type": "profile", "identity": greedy, "profileData": {"Identity": user}})
    return records


if __name__ == "__main__":
    main()
