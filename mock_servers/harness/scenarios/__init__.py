"""Scenarios: what a connector asks of a service and what becomes of it, to be played on a rig or on the real one."""

from .clevertap import CLEVERTAP
from .pipedrive import PIPEDRIVE
from .scenario import Place, RefusedError, Scenario, Taken, play

SCENARIOS = {scenario.key: scenario for scenario in (*CLEVERTAP, *PIPEDRIVE)}
"""All scenarios by their key, which is the name of the shipped cassette too."""

__all__ = [
    "SCENARIOS",
    "Place",
    "RefusedError",
    "Scenario",
    "Taken",
    "play",
]
