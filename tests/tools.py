"""What a test needs of this machine beside Python. The one place in the tests that reads the environment."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

NODE_MODULES = "ZAPRIG_NODE_MODULES"
"""Names the folder with the Node packages of `package.json`. Unset: the tests install them for themselves."""

REQUIRE_TOOLS = "ZAPRIG_REQUIRE_TOOLS"
"""`1` makes a missing tool a failure, as `.ci/run` does. Otherwise the tests that want it are skipped."""


def find_tool(name: str, remedy: str) -> str:
    """The path of a program; `remedy` is what a person without it can do."""
    return shutil.which(name) or miss(f"{name} is missing: {remedy}")


def miss(reason: str) -> NoReturn:
    """Skip the test for want of a tool, or fail it where nothing may be missing."""
    if os.environ.get(REQUIRE_TOOLS) == "1":
        pytest.fail(f"{reason} ({REQUIRE_TOOLS} is set, so this is no skip.)", pytrace=False)
    pytest.skip(reason)


def given_node_modules() -> Path | None:
    """The folder with Node packages that somebody named."""
    named = os.environ.get(NODE_MODULES)
    return Path(named).absolute() if named else None


def environment_with(node_modules: Path) -> dict[str, str]:
    """The environment of a program that may `require` these packages."""
    return {**os.environ, "NODE_PATH": str(node_modules)}
