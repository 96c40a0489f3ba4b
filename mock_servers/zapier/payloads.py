"""The local Zapier's values as JSON, for its API and its pages alike. Run fields are named as in Zapier's run API."""

from typing import Any

from connector.definition import App, Authentication, InputField

from ..rig.clock import from_milliseconds
from .editor import ShownZap, StepTest
from .history import CALLING, RunRow, StepRunRow
from .runs import LABELS
from .storage import Connection


def time_text(milliseconds: int | None) -> str | None:
    """ISO 8601 in UTC with milliseconds, or None."""
    if milliseconds is None:
        return None
    return from_milliseconds(milliseconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def page(data: list[Any], next_cursor: Any = None) -> dict[str, Any]:
    """One page of a list."""
    return {"data": data, "next_cursor": next_cursor}


def app_view(app: App) -> dict[str, Any]:
    """An app with its forms."""
    return {
        "key": app.key,
        "title": app.title,
        "authentications": [_authentication_view(each) for each in app.authentications],
        "triggers": [
            {
                "key": trigger.key,
                "noun": trigger.noun,
                "label": trigger.label,
                "description": trigger.description,
                "by": ["hook", "polling"] if trigger.hook else ["polling"],
                "primary": list(trigger.primary),
                "fields": [_field_view(field) for field in trigger.input_fields],
                "sample": trigger.sample,
            }
            for trigger in app.triggers
        ],
        "actions": [
            {
                "key": action.key,
                "noun": action.noun,
                "label": action.label,
                "description": action.description,
                "fields": [_field_view(field) for field in action.input_fields],
                "either_of": [list(group) for group in action.either_of],
                "sample": action.sample,
            }
            for action in app.actions
        ],
    }


def _authentication_view(authentication: Authentication) -> dict[str, Any]:
    return {"type": authentication.type, "fields": [_field_view(field) for field in authentication.fields]}


def _field_view(field: InputField) -> dict[str, Any]:
    return {
        "key": field.key,
        "label": field.label,
        "type": field.type,
        "required": field.required,
        "help_text": field.help_text,
        "default": field.default,
        "choices": None if field.choices is None else dict(field.choices),
    }


def connection_view(connection: Connection) -> dict[str, Any]:
    """A connection, without its secrets."""
    return {
        "id": connection.id,
        "app": connection.app,
        "type": connection.type,
        "title": connection.title,
        "created_at": time_text(connection.created_at),
    }


def zap_view(shown: ShownZap, hook_url: str | None) -> dict[str, Any]:
    """A Zap: the draft if there is one, else the live version; `problems` is what still greys out *Publish*."""
    row = shown.row
    return {
        "id": row.id,
        "state": row.state,
        "version": row.version,
        "has_draft": row.draft is not None,
        **shown.zap.view(),
        "problems": [problem.view() for problem in shown.problems],
        "test_records": [{"id": each["id"], "label": each["label"]} for each in shown.test_records],
        "selected_record": row.selected_record,
        "hook_url": hook_url,
        "last_problem": row.poll_problem,
        "created_at": time_text(row.created_at),
        "updated_at": time_text(row.updated_at),
    }


def step_test_view(test: StepTest) -> dict[str, Any]:
    """What *Test step* shows."""
    return {
        "status": test.result.status,
        "data_in": test.data_in,
        "data_out": test.result.data_out,
        "error": test.result.error,
    }


def run_view(run: RunRow, steps: list[StepRunRow] | None = None) -> dict[str, Any]:
    """A run, with its steps where they are asked for."""
    view = {
        "id": run.id,
        "zap_id": run.zap_id,
        "status": run.status,
        "label": LABELS[run.status],
        "start_time": time_text(run.started_at),
        "end_time": time_text(run.ended_at),
    }
    if steps is not None:
        view["steps"] = [_step_run_view(step) for step in steps]
    return view


def _step_run_view(step: StepRunRow) -> dict[str, Any]:
    return {
        "step": step.step,
        "status": "pending" if step.status == CALLING else step.status,
        "data_in": step.data_in,
        "data_out": step.data_out,
        "error": step.error,
        "note": step.note,
    }
