"""Campaigns at work: which events start them, what is sent when, and what came of it.

An event that concerns a campaign puts an entry into the outbox, and a job if it starts it, in the transaction that
stores the event. Sending is a call outside any transaction, tried again by the clock.
"""

import base64
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ..rig.addresses import Addresses
from ..rig.clock import Clock, from_milliseconds
from ..rig.database import Database, next_number
from ..rig.jobs import Job, Jobs
from . import campaign_storage, campaigns, errors, payloads, profile_storage, storage
from .accounts import Account
from .campaign_storage import Attempt, Dispatch, State
from .campaigns import Campaign
from .events import SOURCE_PROPERTY
from .profiles import Found, Profile
from .reader import read_users
from .subscriptions import addresses_of, is_unsubscribed, told

if TYPE_CHECKING:
    import requests

TASK = "campaign"
MOST_CAMPAIGNS = 100
"""Campaigns of one account. Ours."""
_FIRST_ID = 1_700_000_000
"""Ids of campaigns begin above this: the documentation's samples look so."""


class Campaigning:
    """The campaigns of all accounts."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        jobs: Jobs,
        session: "requests.Session",
        addresses: Addresses,
        find_address_problem: Callable[[str], str | None],
    ):
        self._database = database
        self._clock = clock
        self._jobs = jobs
        self._session = session
        self._addresses = addresses
        self._find_address_problem = find_address_problem
        jobs.register(TASK, self.send)

    # What a person sets up

    def add(self, account: Account, wishes: object) -> Campaign:
        """Make a campaign. Raises a 422 that names everything that is wrong."""
        wanted = self._read(wishes)
        with self._database.write() as connection:
            if campaign_storage.count_campaigns(connection, account.number) >= MOST_CAMPAIGNS:
                raise errors.wrong_value("", f"An account has at most {MOST_CAMPAIGNS} campaigns; remove one first.")
            campaign = wanted.numbered(_FIRST_ID + next_number(connection, "campaign"))
            campaign_storage.add_campaign(connection, account.number, campaign)
        return campaign

    def replace(self, account: Account, campaign_id: int, wishes: object) -> Campaign:
        """Let a campaign be as these wishes say. Raises a 404, or a 422 as `add`."""
        with self._database.write() as connection:
            current = self._require(connection, account, campaign_id)
            wanted = self._read(campaigns.completed(wishes, current))
            campaign = wanted.numbered(campaign_id)
            campaign_storage.write_campaign(connection, campaign)
        return campaign

    def _read(self, wishes: object) -> campaigns.CampaignWishes:
        try:
            wanted = campaigns.read_campaign(wishes)
        except campaigns.UnreadableCampaignError as problem:
            raise errors.wrong_values(problem.problems) from None
        if wanted.url is None:
            return wanted
        if reason := self._find_address_problem(wanted.url):
            raise errors.wrong_value("url", reason)
        return msgspec.structs.replace(wanted, url=self._addresses.to_name(wanted.url))

    def remove(self, account: Account, campaign_id: int) -> None:
        """Remove a campaign; what it still had to send is skipped. Raises a 404."""
        with self._database.write() as connection:
            self._require(connection, account, campaign_id)
            campaign_storage.remove_campaign(connection, campaign_id)

    def _require(self, connection: sqlite3.Connection, account: Account, campaign_id: int) -> Campaign:
        campaign = campaign_storage.read_campaign(connection, account.number, campaign_id)
        if campaign is None:
            raise errors.no_such_campaign(account.id, campaign_id)
        return campaign

    def all(self, account: Account) -> list[Campaign]:
        """The campaigns of an account, oldest first."""
        with self._database.read() as connection:
            return campaign_storage.list_campaigns(connection, account.number)

    def outbox(self, account: Account, before: int | None, limit: int) -> list[tuple[int, Dispatch]]:
        """A page of what came of events that concerned campaigns, newest first, each with its id."""
        with self._database.read() as connection:
            return campaign_storage.list_dispatches(connection, account.number, before, limit)

    def address_of(self, campaign: Campaign) -> str | None:
        """Where a campaign calls now."""
        return None if campaign.url is None else self._addresses.to_url(campaign.url)

    # What events start

    def watch(self, connection: sqlite3.Connection, account: Account, event_names: Iterable[str]) -> "Watch | None":
        """Who looks at the events of these names within this transaction; None if no campaign waits for any."""
        waiting = campaign_storage.campaigns_on(connection, account.number, event_names)
        return Watch(connection, account, waiting, self._jobs, self._clock.milliseconds()) if waiting else None

    # What is sent

    def send(self, job: Job) -> None:
        """One attempt. Source: docs.clevertap.com/docs/create-message-webhook for time-out and retries; documented."""
        with self._database.read() as connection:
            errand = self._errand(connection, job)
        if errand is None:  # a reset came between
            with self._database.write() as connection:
                self._jobs.finish(connection, job)
        elif isinstance(errand.target, str):
            self._end(job, errand.dispatch, "skipped", errand.target)
        else:
            self._deliver(job, errand.account, errand.dispatch, *errand.target)

    def _errand(self, connection: sqlite3.Connection, job: Job) -> "_Errand | None":
        account = storage.read_account(connection, job.payload["account_id"])
        if account is None:
            return None
        dispatch_id = job.payload["dispatch_id"]
        found = campaign_storage.read_dispatch(connection, account.number, dispatch_id)
        if found is None:
            return None
        dispatch, profile_id = found
        return _Errand(account, dispatch, self._target(connection, account, dispatch, dispatch_id, profile_id))

    def _deliver(self, job: Job, account: Account, dispatch: Dispatch, campaign: Campaign, user: Found) -> None:
        body = self._body(campaign, user, dispatch)
        if campaign.method != "GET":
            dispatch = msgspec.structs.replace(dispatch, body=body)
        if campaign.channel == "log":
            self._end(job, dispatch, "logged")
            return
        status = self._call(account, campaign, body, job)
        attempt = Attempt(self._clock.milliseconds(), status)
        dispatch = msgspec.structs.replace(dispatch, attempts=(*dispatch.attempts, attempt))
        if status is not None and 200 <= status < 300:
            self._end(job, dispatch, "sent")
        elif job.attempt > account.settings.webhook_retries:
            answer = "nobody answered" if status is None else f"the answer was {status}"
            self._end(job, dispatch, "failed", f"Webhook Dispatch Failed: {answer}")
        else:
            with self._database.write() as connection:
                campaign_storage.write_dispatch(connection, job.payload["dispatch_id"], dispatch)
                self._jobs.again(connection, job, due_at=self._clock.now() + campaigns.RETRY_AFTER)

    def _target(
        self, connection: sqlite3.Connection, account: Account, dispatch: Dispatch, dispatch_id: int, profile_id: int
    ) -> tuple[Campaign, Found] | str:
        """The campaign as it is now and its user, or why nothing is sent any more."""
        campaign = campaign_storage.read_campaign(connection, account.number, dispatch.campaign_id)
        if campaign is None:
            return "the campaign was removed"
        if not campaign.is_enabled:
            return "the campaign was switched off"
        user = read_users(connection, account, [profile_id]).get(profile_id)
        if user is None:
            return "the user was deleted"
        if is_unsubscribed(user.profile, user.blocked):
            return "this user is unsubscribed"
        first = campaign_storage.reached_by(connection, campaign.id, profile_id)
        if campaign.once_per_user and first not in {None, dispatch_id}:
            return "this user was already reached"  # two profiles became one meanwhile
        return campaign, user

    def _end(self, job: Job, dispatch: Dispatch, state: State, reason: str | None = None) -> None:
        with self._database.write() as connection:
            ended = msgspec.structs.replace(dispatch, state=state, reason=reason)
            campaign_storage.write_dispatch(connection, job.payload["dispatch_id"], ended)
            if state == "skipped":
                campaign_storage.forget_reached(connection, dispatch.campaign_id, job.payload["dispatch_id"])
            self._jobs.finish(connection, job)

    def _body(self, campaign: Campaign, user: Found, dispatch: Dispatch) -> str:
        if campaign.body is not None:
            return campaign.body
        now = self._clock.milliseconds() // 1000
        return msgspec.json.encode(payloads.webhook_body(campaign, user, dispatch, now)).decode()

    def _call(self, account: Account, campaign: Campaign, body: str, job: Job) -> int | None:
        """The status of the answer, or None if there was none. A GET carries the key-values, not the body."""
        from requests import RequestException  # imported when the first call is made: it costs at the start

        is_get = campaign.method == "GET"
        try:
            response = self._session.request(
                campaign.method,
                self.address_of(campaign) or "",
                params=dict(campaign.key_values) if is_get else None,
                data=None if is_get else body.encode(),
                headers={
                    **({} if is_get else {"Content-Type": _content_type(campaign)}),
                    "X-Zaprig-Delivery": f"clevertap/{job.delivery}",
                    **_basic_auth(campaign),
                },
                timeout=account.settings.webhook_timeout_seconds,
                allow_redirects=False,
            )
        except RequestException:
            return None
        return response.status_code


class _Errand(NamedTuple):
    """What a job is about. `target` is the campaign and its user, or why nothing is sent any more."""

    account: Account
    dispatch: Dispatch
    target: tuple[Campaign, Found] | str


class Watch:
    """Looks at the events of one upload for campaigns that wait for them."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        account: Account,
        waiting: Mapping[str, list[Campaign]],
        jobs: Jobs,
        now: int,
    ):
        self._connection = connection
        self._account = account
        self._waiting = waiting
        self._jobs = jobs
        self._now = now

    def notice(self, profile: Profile, name: str, properties: dict[str, Any], ts: int, source: str) -> None:
        """An event is stored. Put what it starts, and why it does not, into the outbox."""
        for campaign in self._waiting.get(name, ()):
            if campaign.is_enabled:
                self._consider(campaign, profile, name, properties, ts, source)

    def _consider(
        self, campaign: Campaign, profile: Profile, name: str, properties: dict[str, Any], ts: int, source: str
    ) -> None:
        addresses = addresses_of(profile)
        found = profile_storage.blocked_addresses(self._connection, self._account.number, addresses)
        user = Found(profile, [], tuple(address.channel for address in addresses if address in found))
        now = self._now // 1000
        reason = campaigns.why_not(
            campaign,
            name,
            {**properties, SOURCE_PROPERTY: source},
            ts,
            told(user, now),
            now,
            was_reached=campaign.once_per_user
            and campaign_storage.reached_by(self._connection, campaign.id, profile.id) is not None,
            is_unsubscribed=is_unsubscribed(profile, user.blocked),
        )
        due_at = self._now + campaign.delay_seconds * 1000
        dispatch = Dispatch(
            campaign_id=campaign.id,
            campaign=campaign.name,
            event_name=name,
            event_properties=properties,
            source=source,
            ts=ts,
            object_id=profile.object_ids[0],
            at=self._now,
            due_at=due_at if reason is None else None,
            state="scheduled" if reason is None else "skipped",
            reason=reason,
        )
        dispatch_id = campaign_storage.add_dispatch(self._connection, self._account.number, profile.id, dispatch)
        if reason is None:
            campaign_storage.note_reached(self._connection, campaign.id, profile.id, dispatch_id)
            self._jobs.put(
                self._connection,
                TASK,
                {"account_id": self._account.id, "dispatch_id": dispatch_id},
                due_at=from_milliseconds(due_at),
                lane=f"campaign/{campaign.id}",
            )


def _content_type(campaign: Campaign) -> str:
    """JSON or plain text. Source: docs/create-message-webhook; documented. That the text itself tells: assumed."""
    is_json = campaign.body is None or campaigns.is_json(campaign.body)
    return "application/json" if is_json else "text/plain; charset=utf-8"


def _basic_auth(campaign: Campaign) -> dict[str, str]:
    if campaign.basic_auth_user is None:
        return {}
    pair = f"{campaign.basic_auth_user}:{campaign.basic_auth_password or ''}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
