"""Telling subscribers of changes: a job for each, put with the change, worked later, tried up to four times."""

import base64
import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ..rig.addresses import Addresses
from ..rig.clock import Clock
from ..rig.database import Database, next_number
from ..rig.ids import IdSource
from ..rig.jobs import Job, Jobs
from . import payloads, storage, webhooks
from .changes import Change
from .companies import Caller

if TYPE_CHECKING:
    import requests

TASK = "deliver"
USER_AGENT = "Pipedrive Webhooks"
"""Not published. Source: facts/pipedrive.md 5.2 (assumed)."""


class Deliveries:
    """Webhook deliveries of all companies."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: IdSource,
        jobs: Jobs,
        session: "requests.Session",
        addresses: Addresses,
    ):
        self._database = database
        self._clock = clock
        self._ids = ids
        self._jobs = jobs
        self._session = session
        self._addresses = addresses
        jobs.register(TASK, self.deliver)

    def announce(self, connection: sqlite3.Connection, by: Caller, change: Change | None) -> None:
        """Within the transaction of a change: put a delivery for everybody who wants to hear of it."""
        if change is None:
            return
        company_id = by.company.id
        wanting = webhooks.wanted_by(change, storage.WEBHOOKS.of_company(connection, company_id))
        if not wanting:
            return
        number = next_number(connection, "event")
        event = webhooks.Event(
            change=change,
            by=by,
            id=self._ids.uuid("pipedrive event", number),
            correlation_id=self._ids.uuid("pipedrive correlation", number),
            at=self._clock.now(),
            permitted_user_ids=tuple(user.id for user in storage.USERS.of_company(connection, company_id)),
        )
        before = None if change.before is None else payloads.webhook_view(change.before)
        after = payloads.webhook_view(change.after)
        for subscription in wanting:
            body = webhooks.body(event, subscription, before, after)
            self._jobs.put(
                connection,
                TASK,
                {"company_id": company_id, "webhook_id": subscription.id, "body": body},
                due_at=event.at,
                lane=lane(company_id, subscription.id),
            )

    def deliver(self, job: Job) -> None:
        """One attempt. A subscription that was removed meanwhile ends it silently.

        Source: facts/pipedrive.md 5.5 (documented: 10 s, no redirects, 2xx, up to three retries, then dropped).
        """
        company_id, webhook_id = job.payload["company_id"], job.payload["webhook_id"]
        with self._database.read() as connection:
            subscription = storage.WEBHOOKS.get(connection, company_id, webhook_id)
        status = None if subscription is None else self._post(subscription, job)
        now = self._clock.now()
        wait = None if subscription is None or webhooks.is_success(status) else webhooks.wait_after(job.attempt)
        with self._database.write() as connection:
            if subscription is not None:
                storage.note_delivery(connection, company_id, webhook_id, at=now, status=status)
            if wait is None:
                self._jobs.finish(connection, job)
            else:
                self._jobs.again(connection, job, due_at=now + wait)

    def _post(self, subscription: webhooks.Subscription, job: Job) -> int | None:
        """The status of the answer, or None if there was none."""
        body = job.payload["body"]
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "X-Zaprig-Delivery": f"pipedrive/{job.delivery}",
            **_basic_auth(subscription),
        }
        from requests import RequestException  # imported when the first call is made: it costs at the start

        try:
            response = self._session.post(
                self._addresses.to_url(subscription.subscription_url),
                data=msgspec.json.encode(_with_attempt(body, job.attempt)),
                headers=headers,
                timeout=webhooks.TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except RequestException:
            return None
        return response.status_code


def lane(company_id: int, webhook_id: int) -> str:
    """The deliveries of one subscription wait for each other, and for nobody else."""
    return f"webhook/{company_id}/{webhook_id}"


def _with_attempt(body: Mapping[str, Any], attempt: int) -> dict[str, Any]:
    return {**body, "meta": {**body["meta"], "attempt": attempt}}


def _basic_auth(subscription: webhooks.Subscription) -> dict[str, str]:
    """Source: facts/pipedrive.md 5.2 (documented)."""
    if subscription.http_auth_user is None and subscription.http_auth_password is None:
        return {}
    pair = f"{subscription.http_auth_user or ''}:{subscription.http_auth_password or ''}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
