"""Calls what a step names: the app's trigger or action, with the step's connection, and checks what comes back."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from connector.definition import Action, Bundle, Meta, RestHook, Trigger

from ..rig.exchange import ApiError
from ..rig.masking import is_secret_key, mask_known
from . import checks, runs
from .connections import Connections
from .equipment import Equipment
from .runs import StepResult
from .storage import Connection
from .zaps import Step, Zap

if TYPE_CHECKING:
    import requests

Record = dict[str, Any]
Result = TypeVar("Result")


class WrongShapeError(Exception):
    """A trigger or action returned what Zapier would complain about."""


class NoConnectionError(Exception):
    """The connection that a step was published with is not there any more."""


class Caller:
    """Runs apps' functions for the steps of Zaps. A Zap whose events do not exist never gets here."""

    def __init__(self, equipment: Equipment, connections: Connections):
        self._apps = equipment.apps
        self._connections = connections

    def trigger_of(self, zap: Zap) -> Trigger:
        """The trigger that starts this Zap."""
        trigger = self._apps[zap.trigger.app].find_trigger(zap.trigger.event)
        assert trigger is not None  # noqa: S101 - read_zap refuses it
        return trigger

    def action_of(self, step: Step) -> Action:
        """The action that this step does."""
        action = self._apps[step.app].find_action(step.event)
        assert action is not None  # noqa: S101 - read_zap refuses it
        return action

    def list_records(self, workspace_id: int, zap: Zap, meta: Meta) -> Sequence[Record]:
        """Ask the trigger, newest first: a poll, or *Test trigger*. Raises what the app raises, or
        `WrongShapeError`.
        """
        trigger = self.trigger_of(zap)
        bundle = Bundle(input_data=zap.trigger.fields, meta=meta)
        return _checked(self._call(workspace_id, zap.trigger, trigger.perform, bundle), trigger)

    def read_delivery(self, workspace_id: int, zap: Zap, body: Any) -> Sequence[Record]:
        """What one delivery to the hook address means; nothing if it is not meant for this Zap."""
        trigger = self.trigger_of(zap)
        bundle = Bundle(input_data=zap.trigger.fields, cleaned_request=body)
        return _checked(self._call(workspace_id, zap.trigger, _hook_of(trigger).perform, bundle), trigger)

    def subscribe(self, workspace_id: int, zap: Zap, target_url: str) -> Any:
        """Register the hook address; returns what is needed to unsubscribe."""
        bundle = Bundle(input_data=zap.trigger.fields, target_url=target_url)
        return self._call(workspace_id, zap.trigger, _hook_of(self.trigger_of(zap)).subscribe, bundle)

    def unsubscribe(self, workspace_id: int, zap: Zap, target_url: str, subscribe_data: Any) -> None:
        """Take the hook address back."""
        bundle = Bundle(input_data=zap.trigger.fields, target_url=target_url, subscribe_data=subscribe_data)
        self._call(workspace_id, zap.trigger, _hook_of(self.trigger_of(zap)).unsubscribe, bundle)

    def act(self, workspace_id: int, step: Step, data_in: Mapping[str, Any], *, is_test: bool = False) -> StepResult:
        """Run the action for real. Whatever it raises ends this step only; no secret of the connection comes out."""
        secrets: list[str] = []
        try:
            connection = self._find_connection(workspace_id, step)
            secrets = secrets_of(connection)
            bundle = Bundle(input_data=data_in, meta=Meta(is_loading_sample=is_test))
            data_out = self._connections.call(connection, self.action_of(step).perform, bundle)
            if messages := checks.problems_with_action(data_out):
                raise WrongShapeError("; ".join(messages))  # noqa: TRY301 - the same end as an error of the app
        except Exception as problem:  # an app's code is somebody else's: it may raise anything
            return _without(secrets, runs.failed(problem))
        return _without(secrets, runs.succeeded(data_out))

    def _call(
        self, workspace_id: int, step: Step, perform: Callable[["requests.Session", Bundle], Result], bundle: Bundle
    ) -> Result:
        return self._connections.call(self._find_connection(workspace_id, step), perform, bundle)

    def _find_connection(self, workspace_id: int, step: Step) -> Connection | None:
        if not self._apps[step.app].authentications:
            return None
        found = self._connections.find(workspace_id, step.app, step.connection)
        if isinstance(found, str):
            raise NoConnectionError(found)
        return found


def secrets_of(connection: Connection | None) -> list[str]:
    """The values of a connection that must never be shown."""
    if connection is None:
        return []
    return [value for key, value in connection.auth_data.items() if isinstance(value, str) and is_secret_key(key)]


def _hook_of(trigger: Trigger) -> RestHook:
    assert trigger.hook is not None  # noqa: S101 - read_zap refuses it
    return trigger.hook


def _checked(records: Any, trigger: Trigger) -> Sequence[Record]:
    if messages := checks.problems_with_trigger(records, trigger.primary):
        raise WrongShapeError("; ".join(messages))
    found: Sequence[Record] = records
    return found


def _without(secrets: Sequence[str], result: StepResult) -> StepResult:
    return StepResult(
        result.status, mask_known(result.data_out, secrets), mask_known(result.error, secrets),
        result.retry_after_seconds,
    )  # fmt: skip


def explain(step: str, error: Exception) -> ApiError:
    """An app's error while a person waits for the answer."""
    shown = runs.failed(error).error or {}
    return ApiError(
        422, "step_failed", f"{step}: {shown['message']}", problems=[{"path": step, "message": shown["message"]}]
    )
