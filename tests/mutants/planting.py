"""Mutants: a copy of the project with one slip in it, and what its tests say to that."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60
"""For one run of some test files; a mutant that makes them endless is found by nobody."""

_SAME_EACH_TIME = {
    "CI": "true",  # Hypothesis tries the same examples each time, and being slow is no failure
    "PYTHONDONTWRITEBYTECODE": "1",
}

_NEEDED = ("connector", "fixtures", "mock_servers", "tests")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One slip: in a file of the project a text that stands there exactly once is another one."""

    what: str
    """What is wrong then, in plain words."""
    file: str
    text: str
    replacement: str
    found_by: tuple[str, ...]
    """The test files that are to find it."""


class MisfitError(Exception):
    """The mutant no longer fits the code: its text must stand in the file exactly once."""


@dataclass(frozen=True, slots=True)
class Run:
    """How pytest ended: its exit code, and all that it said."""

    code: int
    output: str

    @property
    def closing_line(self) -> str:
        """The last line, e.g. `1 failed, 12 passed in 0.50s`."""
        return self.output.rstrip().rpartition("\n")[2]

    @property
    def found_something(self) -> bool:
        """Did a test fail? An error while the tests are collected or set up is no find."""
        return self.code == 1 and " failed" in self.closing_line

    @property
    def is_clean(self) -> bool:
        """Did all tests pass?"""
        return self.code == 0 and " passed" in self.closing_line


def plant(mutant: Mutant, folder: Path) -> None:
    """Put a mutant into the copy of the project that is in this folder. Raises `MisfitError`."""
    file = folder / mutant.file
    code = file.read_text(encoding="utf-8") if file.exists() else ""
    if (times := code.count(mutant.text)) != 1:
        raise MisfitError(
            f"The mutant {mutant.what!r} no longer fits the code: {mutant.text!r} stands {times} times in {mutant.file}"
            " and must stand there once. Say in the table of mutants what the line looks like now."
        )
    file.write_text(code.replace(mutant.text, mutant.replacement), encoding="utf-8")


def try_out(mutant: Mutant) -> Run:
    """What the test files that are to find a mutant say to it. They end with the first test that fails."""
    return _run(mutant.found_by, mutant)


def try_without_mutant(files: tuple[str, ...]) -> Run:
    """What these test files say to a copy in which nothing was changed."""
    return _run(files, None)


def _run(files: tuple[str, ...], mutant: Mutant | None) -> Run:
    with TemporaryDirectory(prefix="mutant-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for part in _NEEDED:
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        if mutant is not None:
            plant(mutant, folder)
        return _run_pytest(folder, files)


def _run_pytest(folder: Path, files: tuple[str, ...]) -> Run:
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", f"--basetemp={folder / 'made'}"]
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTEST_ADDOPTS"}}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        cwd=folder,
        env=environment | _SAME_EACH_TIME,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=PATIENCE_SECONDS,
    )
    return Run(ended.returncode, ended.stdout + ended.stderr)
