"""`python -m bench.growth`: what the same call costs among a million profiles, against a thousand.

`make growth` runs it; it takes a few minutes and a gigabyte. Both databases lie in a folder that is deleted afterwards,
and both sides take turns. Each call goes through `rig.http.serve` with a target of its own, by chance. The files were
written just before, so the system has them in memory, as it has what somebody works with; SQLite itself keeps two
megabytes of a file, which holds all of the small one and little of the large.
"""

import compileall
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from rich.console import Console
from rich.progress import track
from rich.table import Table

from mock_servers.clevertap import exports, payloads
from mock_servers.clevertap.exports import Kind
from mock_servers.config import Config
from mock_servers.rig.exchange import Request
from mock_servers.rig.http import serve
from mock_servers.stack import Stack, build_stack

from .measuring import Comparison, seconds_of, take_turns

ROOT = Path(__file__).parents[1]
MANY, FEW = 1_000_000, 1_000
AIM = 1.3
BYTES_A_PROFILE = 1_500
"""What a profile and its event take on the disk, with something to spare."""
PEOPLE_A_BATCH = 500
"""A profile and an event of each: as many records as an upload may have."""
SECONDS_A_CALL, FEWEST_TURNS, MOST_TURNS = 5, 9, 1000
"""For how long each call is measured, within limits: one that misses its aim may take seconds."""
PAGE = 50
FIRST_TS = 1_700_000_000
EVENT = "Deal Stage Changed"
QUERY = {"event_name": EVENT, "from": 20231101, "to": 20231231}
"""All of the events: one is a second after the other, from 2023-11-14 on."""


def main() -> None:
    """Fill, compare, print; the exit code is 1 if an aim is missed."""
    for package in ("connector", "mock_servers", "bench"):
        compileall.compile_dir(ROOT / package, quiet=1)
    _require_space()
    with _filled(FEW) as few, _filled(MANY) as many:
        compared = [_compare(call, many, few) for call in track(CALLS, "Taking turns", console=_errors)]
    table = Table(title=f"{MANY:,} profiles against {FEW:,}: medians of one interleaved run", title_justify="left")
    for column in ("ours", "compared with", "ratio", "aim"):
        table.add_column(column, justify="right" if column in ("ratio", "aim") else "left")
    for found in compared:
        table.add_row(
            f"{found.ours}\n{found.our_seconds * 1000:.3f} ms",
            f"{found.plain}\n{found.plain_seconds * 1000:.3f} ms",
            f"{found.ratio:.2f}",
            found.aim_in_words,
        )
    Console().print(table)
    sys.exit(any(found.ratio > AIM for found in compared))


_errors = Console(stderr=True)


def _require_space() -> None:
    folder, needed = tempfile.gettempdir(), MANY * BYTES_A_PROFILE
    free = shutil.disk_usage(folder).free
    if free < needed:
        sys.exit(
            f"{MANY:,} profiles need {needed / 1e9:.1f} GB, and in {folder} are {free / 1e9:.1f} GB free."
            " Make room there, or name another folder with TMPDIR."
        )


class World:
    """A CleverTap with so many people, and a client of it."""

    def __init__(self, stack: Stack, people: int):
        self.people = people
        self._stack = stack
        self._clevertap = stack.clevertap
        credentials = stack.clevertap.default_credentials()
        self._account = stack.clevertap.account(credentials["account_id"])
        self._headers = {
            "host": "127.0.0.1",
            "content-type": "application/json",
            "x-clevertap-account-id": credentials["account_id"],
            "x-clevertap-passcode": credentials["passcode"],
        }
        self._chance = random.Random(1)
        self._new = count(people)

    def fill(self) -> None:
        """Upload the people, and say how fast that was."""
        started = time.perf_counter()
        batches = range(0, self.people, PEOPLE_A_BATCH)
        for first in track(batches, f"Uploading {self.people:,} profiles", console=_errors):
            records = [
                each for number in range(first, first + PEOPLE_A_BATCH) for each in (profile(number), event(number))
            ]
            batch = self._clevertap.uploads.upload(self._account, json.dumps({"d": records}).encode())
            assert batch.processed == len(records)
        seconds, records_in_all = time.perf_counter() - started, 2 * self.people
        rate = f"{records_in_all / seconds:,.0f} a second"
        Console().print(f"{records_in_all:,} records uploaded in {seconds:.1f} s, {rate}.", highlight=False)

    def somebody(self) -> int:
        """One of the people."""
        return self._chance.randrange(self.people)

    def get(self, path: str, query: Mapping[str, str]) -> bytes:
        """The body of an answer."""
        return self._ask(Request("GET", path, query, self._headers, query_string=urlencode(query)))

    def post(self, path: str, payload: object, query: Mapping[str, str] | None = None) -> bytes:
        """The same for what is sent as JSON."""
        query, body = query or {}, json.dumps(payload).encode()
        return self._ask(Request("POST", path, query, self._headers, body, query_string=urlencode(query)))

    def _ask(self, request: Request) -> bytes:
        answer = serve(self._stack.servers["clevertap"], request)
        assert answer.status == 200
        return answer.body()

    def upload(self, record: object) -> None:
        """Upload one record."""
        assert b'"processed":1' in self.post("/1/upload", {"d": [record]})

    def upload_somebody_new(self) -> None:
        """Upload a profile that nobody has yet."""
        self.upload(profile(next(self._new)))

    def read_page(self, kind: Kind, *, is_deep: bool = False) -> None:
        """A page of an export: the first, or one from about the middle on."""
        cursor = self._first_cursors[kind]
        if is_deep:
            number = (self.people * 4 + self.somebody()) // 10  # as far from the end as a page looks, in both worlds
            place = (0 if kind == "profiles" else FIRST_TS + number, number + 1)
            cursor = exports.write_cursor(exports.read_cursor(cursor, kind).going_on_after(place))
        answer = self.get(f"/1/{kind}.json", {"cursor": cursor})
        assert answer.count(b'"objectId"') == PAGE

    @cached_property
    def _first_cursors(self) -> dict[Kind, str]:
        kinds: tuple[Kind, ...] = ("profiles", "events")
        size = {"batch_size": str(PAGE)}
        return {kind: json.loads(self.post(f"/1/{kind}.json", QUERY, size))["cursor"] for kind in kinds}

    def read_newest_profiles(self) -> None:
        """What the page in the browser shows."""
        newest, now = self._clevertap.reader.newest_profiles(self._account), self._clevertap.now()
        assert len([payloads.profile_view(found, now) for found in newest]) == 20

    def read_newest_events(self) -> None:
        """The same for events."""
        newest, now = self._clevertap.reader.newest_events(self._account), self._clevertap.now()
        assert len([payloads.event_view(event, found, now) for event, found in newest]) == 20


@contextmanager
def _filled(people: int) -> Iterator[World]:
    with (
        tempfile.TemporaryDirectory(prefix="zaprig-growth-") as folder,
        build_stack(Config(deals=0, state=Path(folder) / "state")) as stack,
    ):
        world = World(stack, people)
        world.fill()
        size = sum(file.stat().st_size for file in Path(folder).glob("state/clevertap.sqlite*"))
        Console().print(f"{people:,} profiles with an event each take {size / 1e6:,.0f} MB.", highlight=False)
        yield world


def identity(number: int) -> str:
    """What somebody is known by. Scattered, as identities are: neighbours in the file were not uploaded together."""
    return f"customer-{number * 2_654_435_761 % 2**32:08x}"


def email(number: int) -> str:
    """Somebody's e-mail, just as scattered."""
    return f"{number * 2_246_822_519 % 2**32:08x}@example.com"


def profile(number: int, stage: str = "Qualified") -> dict[str, Any]:
    """A record with somebody's profile."""
    data = {
        "Name": f"Ada Moreau {number}",
        "Email": email(number),
        "Deal Title": f"Red bicycle {number}",
        "Deal Value": 1200.5,
        "Deal Stage": stage,
    }
    return {"type": "profile", "identity": identity(number), "ts": FIRST_TS + number, "profileData": data}


def event(number: int) -> dict[str, Any]:
    """A record with what somebody did."""
    return {
        "type": "event",
        "identity": identity(number),
        "ts": FIRST_TS + number,
        "evtName": EVENT,
        "evtData": {"Deal Title": f"Red bicycle {number}", "Deal Value": 1200.5, "Stage": "Negotiations Started"},
    }


class Call(NamedTuple):
    """Something a client does."""

    name: str
    do: Callable[[World], None]


def read_profile(world: World, **by: str) -> None:
    answer = world.get("/1/profile.json", by)
    assert b'"objectId"' in answer


CALLS = (
    Call("a profile, by its identity", lambda world: read_profile(world, identity=identity(world.somebody()))),
    Call("a profile, by its e-mail", lambda world: read_profile(world, email=email(world.somebody()))),
    Call(f"profiles.json, the first {PAGE}", lambda world: world.read_page("profiles")),
    Call(f"profiles.json, {PAGE} from the middle", lambda world: world.read_page("profiles", is_deep=True)),
    Call(f"events.json, the first {PAGE}", lambda world: world.read_page("events")),
    Call(f"events.json, {PAGE} from the middle", lambda world: world.read_page("events", is_deep=True)),
    Call("the newest profiles", World.read_newest_profiles),
    Call("the newest events", World.read_newest_events),
    Call("one record: a known profile", lambda world: world.upload(profile(world.somebody(), "Won"))),
    Call("one record: a new profile", World.upload_somebody_new),
    Call("one record: an event", lambda world: world.upload(event(world.somebody()))),
)
"""What somebody new adds comes last, so that a thousand are a thousand while they are read."""


def _compare(call: Call, many: World, few: World) -> Comparison:
    def do_many() -> None:
        call.do(many)

    def do_few() -> None:
        call.do(few)

    seconds = seconds_of(do_many) + seconds_of(do_few)
    turns = min(max(int(SECONDS_A_CALL / seconds), FEWEST_TURNS), MOST_TURNS)
    ours, theirs = take_turns(do_many, do_few, turns)
    return Comparison(call.name, f"the same among {few.people:,}", ours, theirs, AIM)


if __name__ == "__main__":
    main()
