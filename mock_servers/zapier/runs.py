"""What became of a step, and so of a run.

Statuses are the values of Zapier's run API; people see the newer labels.
Source: facts on Zapier 3.5 and 3.6, read 2026-11; documented for the words, assumed for some outcomes.
"""

from dataclasses import dataclass
from typing import Any, Literal

from connector.errors import InputError, ThrottledError

from .problems import Problem, sentence

Status = Literal["pending", "success", "error", "throttled"]

LABELS: dict[str, str] = {
    "pending": "Running",
    "success": "Successful",
    "error": "Errored",
    "throttled": "Scheduled",
}

LONGEST_MESSAGE = 250
"""Characters of an error text that people are shown."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """How one step ended: `data_out` if it succeeded, else `error` as `{"type", "message", "field"}`."""

    status: Status
    data_out: Any = None
    error: dict[str, Any] | None = None
    retry_after_seconds: int | None = None


def succeeded(data_out: Any) -> StepResult:
    """The step did what it should."""
    return StepResult("success", data_out)


def refused(problems: list[Problem]) -> StepResult:
    """The step was not called, because its form was not complete."""
    return StepResult("error", error=_error("InputError", sentence(problems), problems[0].path))


def failed(error: Exception) -> StepResult:
    """The step raised. Too many requests is a wait, everything else an error."""
    message = str(error) or type(error).__name__
    field = error.field if isinstance(error, InputError) else None
    shown = _error(type(error).__name__, message, field)
    if isinstance(error, ThrottledError):
        return StepResult("throttled", error=shown, retry_after_seconds=error.retry_after_seconds)
    return StepResult("error", error=shown)


def _error(type_name: str, message: str, field: str | None) -> dict[str, Any]:
    first_line = message.splitlines()[0] if message else ""
    shown = first_line if len(first_line) <= LONGEST_MESSAGE else first_line[: LONGEST_MESSAGE - 1] + "…"
    return {"type": type_name, "message": shown, "field": field}
