"""Looking for the events and the users that a query means, page by page, and counting them."""

import sqlite3
from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

from ..rig.clock import Clock
from ..rig.database import Database
from . import event_storage
from .accounts import Account
from .event_storage import EventName
from .events import Event
from .exports import Export
from .profiles import Found, Profile
from .queries import Occurrence, Query, counts, passes
from .reader import read_found, read_users
from .subscriptions import told
from .texts import clean_event_name

MOST_LOOKED_AT = 20_000
"""Rows that are looked at for one page. If few of them are meant the page is short, and the next one goes on.

Source: the number returned may differ from the batch size; documented. The bound is ours."""

_MOST_VERDICTS = 100_000
_MOST_AT_ONCE = 500
"""Rows that are read together: first as many as a page has, then ever more, so that filters cost little."""

T = TypeVar("T")
Place = tuple[int, int]


class Exporting:
    """`profiles.json`, `events.json` and the counts of both."""

    def __init__(self, database: Database, clock: Clock):
        self._database = database
        self._clock = clock

    def _search(self, connection: sqlite3.Connection, account: Account, query: Query) -> "_Search":
        return _Search(connection, account, query, self._clock.milliseconds() // 1000)

    def events(self, account: Account, export: Export) -> tuple[list[tuple[Event, Found]], Export | None]:
        """A page of events with who did them, and the export that goes on after it, or None at the end."""
        with self._database.read() as connection:
            search = self._search(connection, account, export.query)
            page, place = _page(search.events(export.after, export.batch_size + 1), export.batch_size)
            who = read_found(connection, account, {event.profile_id for event in page})
        return [(event, who[event.profile_id]) for event in page], _rest(export, place)

    def profiles(self, account: Account, export: Export) -> tuple[list[Found], Export | None]:
        """A page of users, and the export that goes on after it, or None at the end."""
        with self._database.read() as connection:
            search = self._search(connection, account, export.query)
            page, place = _page(search.profiles(export.after, export.batch_size + 1), export.batch_size)
            found = read_found(connection, account, [profile.id for profile in page])
        return [found[profile.id] for profile in page], _rest(export, place)

    def count(self, account: Account, kind: str, query: Query) -> int:
        """How many `profiles` or `events` a query means."""
        with self._database.read() as connection:
            search = self._search(connection, account, query)
            if kind == "profiles":
                return sum(1 for _, profile in search.profiles() if profile is not None)
            if search.name is not None and not search.looks_at_each:
                when = query.occurrence
                return event_storage.count_events(connection, search.name, when.since, when.until)
            return sum(1 for _, event in search.events() if event is not None)


def _rest(export: Export, place: Place | None) -> Export | None:
    return None if place is None else export.going_on_after(place)


def _page(candidates: Iterator[tuple[Place, T | None]], size: int) -> tuple[list[T], Place | None]:
    """The first so many that are meant, and the place to go on after, or None at the end."""
    page: list[T] = []
    last: Place | None = None
    for looked_at, (place, meant) in enumerate(candidates):
        if len(page) == size or looked_at == MOST_LOOKED_AT:
            return page, last
        last = place
        if meant is not None:
            page.append(meant)
    return page, None


def _sizes(first: int) -> Iterator[int]:
    size = first
    while True:
        yield min(size, _MOST_AT_ONCE)
        size *= 2


class _Search:
    """One query against one account's events. Every row comes with its place, and as None if it is not meant."""

    def __init__(self, connection: sqlite3.Connection, account: Account, query: Query, now: int):
        self._connection = connection
        self._account = account
        self._query = query
        self._now = now
        self._verdicts: dict[int, bool] = {}
        """Which users are meant; asked once, because somebody's every event would ask again."""
        self._names = {name.name: name for name in event_storage.list_names(connection, account.number)}
        self.name = self._names.get(clean_event_name(query.occurrence.event_name, []))
        self._is_about_users = bool(query.profile_filters or query.did_all or query.did_none or query.did_any)
        self.looks_at_each = self._is_about_users or bool(query.occurrence.filters)

    def events(self, after: Place | None = None, at_once: int = _MOST_AT_ONCE) -> Iterator[tuple[Place, Event | None]]:
        """The events in the order of their own time."""
        if self.name is None:
            return
        when = self._query.occurrence
        rows = event_storage.find_events(self._connection, self.name, when.since, when.until, after)
        sizes = _sizes(at_once)
        while chunk := list(islice(rows, next(sizes))):
            meant = self._users_meant({event.profile_id for event in chunk})
            for event in chunk:
                is_meant = event.profile_id in meant and _passes_all(when, event)
                yield (event.ts, event.id), event if is_meant else None

    def _users_meant(self, ids: set[int]) -> set[int]:
        if not self._is_about_users:
            return ids
        new = ids.difference(self._verdicts)
        if len(self._verdicts) > _MOST_VERDICTS:
            self._verdicts, new = {}, ids
        for user in read_users(self._connection, self._account, new).values():
            self._verdicts[user.profile.id] = self._is_meant(user)
        return {id for id in ids if self._verdicts[id]}

    def profiles(
        self, after: Place | None = None, at_once: int = _MOST_AT_ONCE
    ) -> Iterator[tuple[Place, Profile | None]]:
        """The users who ever did what the query is about, in the order of their making."""
        if self.name is None:
            return
        last = 0 if after is None else after[1]
        sizes = _sizes(at_once)
        while ids := event_storage.profiles_with_event(self._connection, self.name, last, next(sizes)):
            users = read_users(self._connection, self._account, ids)
            for last in ids:
                user = users[last]
                is_meant = self._times(user.profile, self._query.occurrence, 1) > 0 and self._is_meant(user)
                yield (0, last), user.profile if is_meant else None

    def _is_meant(self, user: Found) -> bool:
        query, profile = self._query, user.profile
        shown = told(user, self._now) if query.profile_filters else {}
        return (
            all(passes(filter, shown) for filter in query.profile_filters)
            and all(self._times(profile, each, 1) for each in query.did_all)
            and not any(self._times(profile, each, 1) for each in query.did_none)
            and (query.did_any is None or self._did_so_often(profile))
        )

    def _did_so_often(self, profile: Profile) -> bool:
        wanted = self._query.did_any
        assert wanted is not None  # noqa: S101 - asked before
        times = sum(self._times(profile, each) for each in wanted.occurrences)
        return counts(wanted.operator, wanted.value, times)

    def _times(self, profile: Profile, wanted: Occurrence, most: int | None = None) -> int:
        """How many times did this user do that? Counts no further than `most`."""
        name: EventName | None = self._names.get(clean_event_name(wanted.event_name, []))
        if name is None:
            return 0
        events = event_storage.find_events_of_profile(self._connection, name, profile.id, wanted.since, wanted.until)
        return sum(1 for _ in islice((event for event in events if _passes_all(wanted, event)), most))


def _passes_all(wanted: Occurrence, event: Event) -> bool:
    return not wanted.filters or all(passes(filter, event.told) for filter in wanted.filters)
