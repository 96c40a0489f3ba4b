"""What became of some checks, for a person, for a shell and for a CI server."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from .findings import Finding

HOLDS, BROKEN = 0, 1
"""Exit codes."""

SUMMARY_COLUMNS = ("Check", "Result", "Cases", "Seconds", "Broken", "Unread")
FINDING_COLUMNS = ("Times", "Where", "Operation", "Part", "Path", "What", "Seen")

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML may hold, not even escaped."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked, and what came of it."""

    name: str
    cases: int
    """Exchanges that were looked at, or requests that were made up."""
    seconds: float
    findings: tuple[Finding, ...] = ()
    problem: str | None = None
    """Why it could not be run, or not to its end."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A fault, the first time it was seen, and how often it was."""

    finding: Finding
    times: int


def count(findings: Iterable[Finding]) -> list[Counted]:
    """Each fault once, in the order in which they were first seen."""
    first: dict[tuple[str, ...], Finding] = {}
    times: dict[tuple[str, ...], int] = {}
    for finding in findings:
        first.setdefault(finding.fault, finding)
        times[finding.fault] = times.get(finding.fault, 0) + 1
    return [Counted(finding, times[fault]) for fault, finding in first.items()]


class Report:
    """Some checks together. What was sent and nobody reads breaks a contract only if the report is `strict`."""

    def __init__(self, checks: Iterable[Check], *, strict: bool = False):
        self.checks = tuple(checks)
        self.strict = strict

    @property
    def holds(self) -> bool:
        """Was every check run, and nothing found that breaks the contract?"""
        return not any(check.problem is not None or self._breaking(check) for check in self.checks)

    @property
    def exit_code(self) -> int:
        """What a shell is told."""
        return HOLDS if self.holds else BROKEN

    def summary_rows(self) -> list[tuple[str, ...]]:
        """A row for each check, under `SUMMARY_COLUMNS`."""
        return [
            (
                check.name,
                self._result(check),
                str(check.cases),
                f"{check.seconds:.1f}",
                str(len(count(_of_kind(check, "broken")))),
                str(len(count(_of_kind(check, "unread")))),
            )
            for check in self.checks
        ]

    def finding_rows(self) -> list[tuple[str, ...]]:
        """A row for each fault, under `FINDING_COLUMNS`: first what is broken, then what nobody reads."""
        rows: list[tuple[str, ...]] = []
        for kind in ("broken", "unread"):
            for each in count(finding for check in self.checks for finding in _of_kind(check, kind)):
                found = each.finding
                place = (found.where, found.operation, found.part, found.path)
                rows.append((str(each.times), *place, found.message, found.example))
        return rows

    def to_junit(self) -> str:
        """JUnit XML as CI servers read it: each check a test case, its faults one failure, a problem an error."""
        suites = ET.Element("testsuites", _clean({"name": "zaprig contract", **self._counts()}))
        suite = ET.SubElement(suites, "testsuite", _clean({"name": "contract", **self._counts()}))
        for check in self.checks:
            case = ET.SubElement(
                suite, "testcase", _clean({"classname": "contract", "name": check.name, "time": f"{check.seconds:.3f}"})
            )
            self._tell(check, case)
        ET.indent(suites)
        return ET.tostring(suites, encoding="unicode", xml_declaration=False) + "\n"

    def _tell(self, check: Check, case: ET.Element) -> None:
        breaking = self._breaking(check)
        if check.problem is not None:
            error = ET.SubElement(case, "error", _clean({"message": check.problem, "type": "problem"}))
            error.text = _clean_text(check.problem)
        elif breaking:
            faults = count(breaking)
            message = f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in {check.cases} cases"
            failure = ET.SubElement(case, "failure", _clean({"message": message, "type": "contract"}))
            failure.text = _clean_text(_lines(faults))
        loud = check.problem is None
        quiet = count(finding for finding in check.findings if not (loud and self._breaks(finding)))
        if quiet:
            ET.SubElement(case, "system-out").text = _clean_text(_lines(quiet))

    def _counts(self) -> dict[str, str]:
        errors = sum(check.problem is not None for check in self.checks)
        failures = sum(check.problem is None and bool(self._breaking(check)) for check in self.checks)
        return {
            "tests": str(len(self.checks)),
            "failures": str(failures),
            "errors": str(errors),
            "skipped": "0",
            "time": f"{sum(check.seconds for check in self.checks):.3f}",
        }

    def _breaking(self, check: Check) -> list[Finding]:
        return [finding for finding in check.findings if self._breaks(finding)]

    def _breaks(self, finding: Finding) -> bool:
        return self.strict or finding.kind == "broken"

    def _result(self, check: Check) -> str:
        if check.problem is not None:
            return f"not run: {check.problem}"
        return "broken" if self._breaking(check) else "holds"


def _of_kind(check: Check, kind: str) -> list[Finding]:
    return [finding for finding in check.findings if finding.kind == kind]


def _lines(faults: Sequence[Counted]) -> str:
    return "\n".join(_line(each) for each in faults)


def _line(each: Counted) -> str:
    found = each.finding
    place = ", ".join(part for part in (found.where, found.operation, f"{found.part} {found.path}".strip()) if part)
    seen = f" Seen: {found.example}" if found.example else ""
    times = f" ({each.times} times)" if each.times > 1 else ""
    return f"{found.kind}: {place}: {found.message}{seen}{times}"


def _clean(attributes: dict[str, str]) -> dict[str, str]:
    return {name: _clean_text(value) for name, value in attributes.items()}


def _clean_text(text: str) -> str:
    return _NOT_XML.sub("", text)
