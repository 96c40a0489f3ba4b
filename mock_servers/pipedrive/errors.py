"""Refusals and their shapes: the one place where an error becomes an answer.

The emulator raises `ApiError`s that know no version of the API. The routes say in whose words they answer
(`@answers("v2")`), and `shape_error` writes the body. Source of the shapes: facts/pipedrive.md 1.3, 1.5, 5.1.
"""

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any, Literal

from ..rig.exchange import Answer, ApiError, Operation, Request
from .checks import Fault
from .oauth import Refusal

Shape = Literal["v1", "v2", "webhooks"]

SHORT_INFO = "Please check developers.pipedrive.com"
LONG_INFO = "Please check developers.pipedrive.com for more information about Pipedrive API."

_EXPECTED = re.compile(r"^Expected '(\w+)'")


def unauthorized(correlation_id: str) -> ApiError:
    """No credential, or a wrong one. Source: facts/pipedrive.md 1.5 (observed on the live service)."""
    return ApiError(401, "unauthorized", "unauthorized access", detail={"correlation_id": correlation_id})


def invalid(faults: Iterable[Fault]) -> ApiError:
    """The request says something that cannot be: all of it is named."""
    problems = [{"path": fault.path, "message": fault.reason} for fault in faults]
    return ApiError(400, "invalid", "; ".join(_named(problem) for problem in problems), problems=problems)


def refuse_if(faults: Iterable[Fault]) -> None:
    """Raise `invalid` if there is any fault."""
    found = list(faults)
    if found:
        raise invalid(found)


def limit_reached(fault: Fault) -> ApiError:
    """There may be no more of these. Source: facts/pipedrive.md 5.1 (documented status, assumed words)."""
    problem = {"path": fault.path, "message": fault.reason}
    return ApiError(422, "limit", _named(problem), problems=[problem])


def not_found(entity: str) -> ApiError:
    """There is no such record in the caller's company."""
    return ApiError(404, "not_found", f"{entity.capitalize()} not found")


def forbidden(reason: str = "You do not have permissions to do this.") -> ApiError:
    """The caller may not. Source: facts/pipedrive.md 1.5 (documented)."""
    return ApiError(403, "forbidden", reason)


def wrong_wishes(problems: dict[str, str]) -> ApiError:
    """For the rig's own `/_rig/accounts`: what is wrong with each wish."""
    named = [{"path": path, "message": message} for path, message in problems.items()]
    return ApiError(422, "invalid", "; ".join(_named(problem) for problem in named), problems=named)


def no_tokens(refusal: Refusal) -> ApiError:
    """The token endpoint's refusal."""
    return ApiError(400, "oauth", refusal.message, detail={"error": refusal.code})


def answers(shape: Shape) -> Callable[[Operation], Operation]:
    """Mark an operation: its refusals are written in this shape."""

    def mark(operation: Operation) -> Operation:
        @functools.wraps(operation)
        def operate(service: Any, caller: Any, request: Request) -> Answer:
            try:
                return operation(service, caller, request)
            except ApiError as error:
                error.detail = {**(error.detail or {}), "shape": shape}
                raise

        return operate

    return mark


def shape_error(error: ApiError) -> Answer:
    """The vendor's answer for a refusal."""
    detail = error.detail or {}
    if error.code == "unauthorized":
        headers = {"x-401-by-gw": "true", "x-correlation-id": detail["correlation_id"]}
        return Answer(
            401, {"success": False, "error": error.message, "errorCode": 401, "error_info": SHORT_INFO}, headers
        )
    if error.code == "oauth":
        return Answer(error.status, {"success": False, "message": error.message, "error": detail["error"]})
    write = {"v1": _v1_body, "v2": _v2_body, "webhooks": _webhooks_body}.get(detail.get("shape", ""), _plain_body)
    return Answer(error.status, write(error))


def _named(problem: Any) -> str:
    return f"{problem['path']}: {problem['message']}" if problem["path"] else str(problem["message"])


def _plain_body(error: ApiError) -> dict[str, Any]:
    return {
        "success": False,
        "error": error.message,
        "error_info": SHORT_INFO,
        "data": None,
        "additional_data": None,
    }


def _v2_body(error: ApiError) -> dict[str, Any]:
    """Source: facts/pipedrive.md 4.6 (observed text and code), 1.5 (404 documented for other paths of v2)."""
    if error.code == "invalid":
        text = f"Validation failed: {error.message}"
        return {**_plain_body(error), "error": text, "error_info": LONG_INFO, "code": "ERR_SCHEMA_VALIDATION_FAILED"}
    if error.code == "not_found":
        return {**_plain_body(error), "error": "Entity was not found", "error_info": "Object was not found."}
    return _plain_body(error)


def _v1_body(error: ApiError) -> dict[str, Any]:
    """Of several faults v1 shows the text of the first. Source: facts/pipedrive.md 1.5, 4.6 (observed)."""
    if error.code == "invalid" and error.problems:
        return {**_plain_body(error), "error": _v1_text(error.problems[0]), "error_info": LONG_INFO}
    if error.code == "not_found" and error.message == "User not found":
        return {"success": False, "error": "User not found or not accessible."}
    return _plain_body(error)


def _v1_text(problem: Any) -> str:
    """A sentence stands alone; a bare reason follows the key (form as in the recorded text about long titles)."""
    message = _EXPECTED.sub(
        lambda found: f"must be {'an' if found[1][0] in 'aio' else 'a'} {found[1]}", problem["message"]
    )
    return f'"{problem["path"]}" {message}' if message[:1].islower() and problem["path"] else message


def _webhooks_body(error: ApiError) -> dict[str, Any]:
    """Source: facts/pipedrive.md 5.1 (documented for the address and for deleting; other keys assumed)."""
    if error.status == 403:
        return {"success": False, "message": "Forbidden"}
    if error.status == 404:
        return {"status": "error", "success": False, "errors": {"id": ["not found"]}}
    texts: dict[str, list[str]] = {}
    for problem in error.problems:
        texts.setdefault(problem["path"], []).append(problem["message"])
    return {"status": "error", "success": False, "errors": texts}
