"""`zaprig demo`: what `make run` plays."""

import pytest
from click.testing import CliRunner

from mock_servers.cli import cli
from mock_servers.cli.guide import GuideError, compare_profile, read_form


def test_the_guide_is_played_to_its_end():
    """Every step is told, everything arrives, and it says what to do next."""
    played = CliRunner().invoke(cli, ["demo", "--deals", "3"])
    assert played.exit_code == 0, played.output
    shown = " ".join(played.output.split())
    positions = [shown.index(f" {number}. ") for number in range(1, 9)]
    assert positions == sorted(positions)
    assert "create a passcode" in shown
    assert "updated, not made anew" in shown
    assert "set off the campaign" in shown
    assert "NO" not in shown.split()
    assert "What to do next" in shown


def test_what_did_not_arrive_is_seen():
    """A value that differs, or is not there, does not pass as equal."""
    profile = {"name": "Ada", "profileData": {"Deal Value": 5}}
    rows = compare_profile(profile, {"Name": "Ada", "Deal Value": 6, "Deal Stage": "Won"})
    assert [expected == found for _, expected, found in rows] == [True, False, False]
    assert all(found is None for _, _, found in compare_profile(None, {"Name": "Ada", "Plan": "Pro"}))


def test_a_page_without_a_button_is_no_sign_in():
    """The one form of a page is read as a browser would send it; without one there is nothing to press."""
    fields = '<input type="hidden" name="s" value="&quot;"><button name="go" value="1">'
    page = f'<p>Hello</p><form method="post" action="/x?a=1&amp;b=2">{fields}</form>'
    assert read_form(page) == ("/x?a=1&b=2", {"s": '"', "go": "1"})
    with pytest.raises(GuideError):
        read_form("<p>nothing</p>")
