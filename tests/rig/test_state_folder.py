"""The folder in which a rig keeps everything."""

import stat

import pytest

from mock_servers.rig.clock import ClockReading
from mock_servers.rig.database import NewerDatabaseError
from mock_servers.rig.state_folder import Settings, StateFolder, StateInUseError, UnreadableStateError


def test_settings_and_clock_are_found_again(tmp_path):
    """Seed, number of deals and clock survive a restart."""
    folder = StateFolder(tmp_path / "state")
    assert folder.settings is None
    folder.write(Settings(random_seed=7, deals=3))
    folder.remember_clock(ClockReading(offset=5000))
    folder.close()
    again = StateFolder(tmp_path / "state")
    assert again.settings == Settings(random_seed=7, deals=3, clock=ClockReading(offset=5000))
    again.close()


def test_only_its_owner_can_look_into_it(tmp_path):
    """The folder holds credentials, so its mode is 0700."""
    StateFolder(tmp_path / "state").close()
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_two_rigs_cannot_use_one_folder(tmp_path):
    """The second is told who has it; when the first is gone, it is free."""
    first = StateFolder(tmp_path / "state")
    with pytest.raises(StateInUseError, match=r"in use by process \d+.*--state"):
        StateFolder(tmp_path / "state")
    first.close()
    StateFolder(tmp_path / "state").close()


@pytest.mark.parametrize(
    ("content", "error", "part"),
    [
        pytest.param(b'{"random_seed": 1, "deals": 1, "format": 99}', NewerDatabaseError, "newer zaprig", id="newer"),
        pytest.param(b"{", UnreadableStateError, "damaged", id="cut off"),
        pytest.param(b'{"random_seed": "x"}', UnreadableStateError, "damaged", id="wrong types"),
        pytest.param(b'{"random_seed": 1, "deals": -5}', UnreadableStateError, "damaged", id="less than no deals"),
        pytest.param(
            b'{"random_seed": 1, "deals": 0, "clock": {"offset": 99999999999999999}}',
            UnreadableStateError,
            "damaged",
            id="a time that does not exist",
        ),
    ],
)
def test_what_cannot_be_used_is_said_and_let_go(tmp_path, content, error, part):
    """The message says why, and the folder is not left locked."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "stack.json").write_bytes(content)
    for _ in range(2):
        with pytest.raises(error, match=part):
            StateFolder(tmp_path / "state")


def test_a_file_in_the_way_is_said(tmp_path):
    """A path that is no folder is an error with advice."""
    (tmp_path / "state").write_text("x")
    with pytest.raises(UnreadableStateError, match="--state"):
        StateFolder(tmp_path / "state")


def test_a_folder_of_somebody_else_is_left_as_it_is(tmp_path):
    """A folder with other things in it is neither locked up nor filled."""
    (tmp_path / "mine").mkdir(mode=0o755)
    (tmp_path / "mine" / "letter.txt").write_text("x")
    with pytest.raises(UnreadableStateError, match=r"something else.*--state"):
        StateFolder(tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o755


def test_settings_that_are_a_folder_are_said(tmp_path):
    """Whatever is in the way, it is one error with advice."""
    (tmp_path / "state" / "stack.json").mkdir(parents=True)
    with pytest.raises(UnreadableStateError, match="damaged"):
        StateFolder(tmp_path / "state")


def test_a_file_called_lock_does_not_make_a_folder_ours(tmp_path):
    """Everything in it must be a rig's."""
    (tmp_path / "mine").mkdir()
    for name in ("lock", "precious"):
        (tmp_path / "mine" / name).write_text("x")
    with pytest.raises(UnreadableStateError, match="something else"):
        StateFolder(tmp_path / "mine")
