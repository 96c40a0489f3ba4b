"""Managing webhooks: who is subscribed to what."""

from collections.abc import Callable, Mapping

from ..rig.addresses import Addresses
from ..rig.clock import Clock
from ..rig.database import Database, next_number
from ..rig.jobs import Jobs
from . import deliveries, errors, storage, webhooks
from .checks import Fault
from .companies import Caller
from .webhooks import Subscription


class Subscriptions:
    """The webhooks of all companies. Source of all: facts/pipedrive.md 5.1."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        jobs: Jobs,
        addresses: Addresses,
        find_address_problem: Callable[[str], str | None],
    ):
        self._database = database
        self._clock = clock
        self._jobs = jobs
        self._addresses = addresses
        self._find_address_problem = find_address_problem

    def visible_to(self, caller: Caller) -> list[Subscription]:
        """The company's webhooks; an app sees only those it made (documented)."""
        with self._database.read() as connection:
            found = storage.WEBHOOKS.of_company(connection, caller.company.id)
        return [each for each in found if caller.client_id is None or each.client_id == caller.client_id]

    def add(self, caller: Caller, body: Mapping[str, object]) -> Subscription:
        """Subscribe. Raises `ApiError` naming everything that is wrong, or 422 if there are too many."""
        fields, faults = webhooks.read_fields(body)
        url = fields.get("subscription_url", "")
        if not any(fault.path == "subscription_url" for fault in faults):
            faults += self._find_address_faults(url)
        with self._database.write() as connection:
            user_id = fields.pop("user_id", caller.user.id)
            if storage.USERS.get(connection, caller.company.id, user_id) is None:
                faults.append(Fault("user_id", "User not found"))
            errors.refuse_if(faults)
            others = storage.WEBHOOKS.of_company(connection, caller.company.id)
            if not webhooks.may_add(others, caller.user.id, caller.client_id):
                raise errors.limit_reached(Fault("user_id", "webhooks limit reached"))
            subscription = Subscription(
                **{**fields, "subscription_url": self._addresses.to_name(url)},
                id=next_number(connection, f"{caller.company.id}/webhook"),
                owner_id=caller.user.id,
                user_id=user_id,
                add_time=self._clock.now(),
                client_id=caller.client_id,
            )
            storage.WEBHOOKS.add(connection, caller.company.id, subscription)
        return subscription

    def _find_address_faults(self, url: str) -> list[Fault]:
        """The vendor's word for an address that may not be called, and in a second text why.

        Our own API is no receiver (documented); the rest is the rig's rule of where calls may go.
        """
        if self._addresses.to_name(url).startswith("pipedrive:"):
            return [Fault("subscription_url", webhooks.UNREACHABLE)]
        problem = self._find_address_problem(url)
        if problem is None:
            return []
        return [Fault("subscription_url", webhooks.UNREACHABLE), Fault("subscription_url", problem)]

    def remove(self, caller: Caller, id: int) -> None:
        """Unsubscribe; what was to be delivered is dropped. Raises `ApiError` 404, or 403 for someone else's."""
        with self._database.write() as connection:
            found = storage.WEBHOOKS.get(connection, caller.company.id, id)
            if found is None:
                raise errors.not_found("webhook")
            if found.owner_id != caller.user.id or caller.client_id not in (None, found.client_id):
                raise errors.forbidden("Forbidden")
            storage.WEBHOOKS.remove(connection, caller.company.id, id)
            self._jobs.cancel(connection, deliveries.lane(caller.company.id, id), deliveries.TASK)

    def address_of(self, subscription: Subscription) -> str:
        """Where it is called now."""
        return self._addresses.to_url(subscription.subscription_url)
