"""A connector's contract outside of pytest: our own connector's, or a class that somebody names."""

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from connector import APP

from ...rig.clock import stopwatch
from .connector_contract import ConnectorContract
from .findings import Finding
from .reports import Check


class ShippedConnector(ConnectorContract):
    """The connector of this project."""

    app = APP
    valid: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "create_update_user_profile": {
            "identity": "ada@example.com",
            "object_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "creation_date": "2026-11-02T09:30:00Z",
            "profile_properties": '{"Name": "Ada", "Plan": "Pro"}',
        },
        "upload_event": {
            "identity": "ada@example.com",
            "object_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "creation_date": "2026-11-02T09:30:00Z",
            "event_name": "Deal Won",
            "event_properties": '{"Value": 1200.5}',
        },
    }


class NoSuchContractError(Exception):
    """What was named is no subclass of `ConnectorContract`; the message says what would be right."""


def find_contract(name: str) -> type[ConnectorContract]:
    """The class that `module:Class` names, looked for in this folder too. Raises `NoSuchContractError`."""
    module, _, class_name = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), class_name)
    except (ImportError, AttributeError, ValueError) as problem:
        message = f"{name} cannot be found: {problem}. Name it as module:Class, such as tests.test_ours:TestOurs."
        raise NoSuchContractError(message) from problem
    finally:
        sys.path.pop(0)
    if not (isinstance(found, type) and issubclass(found, ConnectorContract)):
        raise NoSuchContractError(f"{name} is no subclass of ConnectorContract.")
    return found


def check_connector(contract: type[ConnectorContract]) -> list[Check]:
    """One check for each rule of the contract."""
    rules = [name for name in vars(ConnectorContract) if name.startswith("test_")]
    return [_check(contract, name) for name in rules]


def _check(contract: type[ConnectorContract], rule: str) -> Check:
    words = rule.removeprefix("test_").replace("_", " ")
    keeper, findings, started = contract(), [], stopwatch()
    try:
        getattr(keeper, rule)()
    except Exception as problem:  # whatever a connector of somebody else raises is what it does wrong
        said = str(problem) if isinstance(problem, AssertionError) else f"{type(problem).__name__}: {problem}"
        first, _, rest = said.partition("\n")
        findings.append(Finding(contract.__name__, "connector", words, "", first, rest, "broken"))
    return Check(f"connector, {words}", keeper.runs, stopwatch() - started, tuple(findings))
