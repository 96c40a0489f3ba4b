"""What is wrong with a Zap, a field or a connection, as values, so that all of it can be shown at once."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: where (`trigger.app`, `steps[0].fields.identity`) and what would be right."""

    path: str
    message: str

    def view(self) -> dict[str, str]:
        """The fault as JSON."""
        return {"path": self.path, "message": self.message}


def sentence(problems: Sequence[Problem]) -> str:
    """All faults in one line."""
    return "; ".join(f"{problem.path}: {problem.message}" for problem in problems)
