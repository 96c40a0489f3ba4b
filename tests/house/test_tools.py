"""What becomes of a test when a tool is missing."""

import pytest

from tests.tools import NODE_MODULES, REQUIRE_TOOLS, find_tool, given_node_modules


def test_a_missing_tool_is_a_skip_that_says_what_to_do(monkeypatch):
    """On a developer's machine nothing fails for want of Node."""
    monkeypatch.delenv(REQUIRE_TOOLS, raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-tool is missing: install it"):
        find_tool("no-such-tool", "install it")


def test_a_missing_tool_is_a_failure_where_all_must_be_there(monkeypatch):
    """`.ci/run` says so, lest a rule goes untested unseen."""
    monkeypatch.setenv(REQUIRE_TOOLS, "1")
    with pytest.raises(pytest.fail.Exception, match=f"no-such-tool is missing: install it.*{REQUIRE_TOOLS}"):
        find_tool("no-such-tool", "install it")


def test_node_packages_may_be_named(monkeypatch, tmp_path):
    """A relative name counts from here; an empty one is none."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(NODE_MODULES, "packages")
    assert given_node_modules() == tmp_path / "packages"
    monkeypatch.setenv(NODE_MODULES, "")
    assert given_node_modules() is None
