"""What the local Zapier's API refuses, and how a refusal looks."""

from collections.abc import Sequence

from ..rig.exchange import Answer, ApiError, control_error
from .problems import Problem


def not_found(what: str, id: object) -> ApiError:
    """404: there is no such thing in this workspace."""
    return ApiError(404, "not_found", f"There is no {what} {id} in this workspace.")


def invalid(message: str, problems: Sequence[Problem]) -> ApiError:
    """422: the request was understood, but these things are wrong with it. Nothing was changed."""
    return ApiError(422, "invalid", message, problems=[problem.view() for problem in problems])


def conflict(code: str, message: str) -> ApiError:
    """409: right in itself, but not now."""
    return ApiError(409, code, message)


def gone() -> ApiError:
    """410: the Zap behind this hook address is off. (Facts on Zapier 3.2; documented)"""
    return ApiError(410, "gone", "The Zap behind this hook address is not on.")


def shape_error(error: ApiError) -> Answer:
    """Our own API has the shape of the rig's controls: `{"error": {"code", "message", "problems"}}`."""
    return control_error(error)
