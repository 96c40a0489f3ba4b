"""What becomes of a mutant's text, and what counts as finding it."""

import pytest

from tests.mutants.planting import MisfitError, Mutant, Run, plant

FILE = "mock_servers/clevertap/limits.py"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text("is_full = in_hand >= most\nmost = 15\n", encoding="utf-8")
    return tmp_path


def test_a_mutant_changes_one_place(folder):
    """What stands there once is another text afterwards, and all else stays."""
    plant(Mutant("one more", FILE, ">= most", "> most", ()), folder)

    assert (folder / FILE).read_text(encoding="utf-8") == "is_full = in_hand > most\nmost = 15\n"


@pytest.mark.parametrize(
    ("file", "text", "times"),
    [
        pytest.param(FILE, "<= most", 0, id="the text is gone"),
        pytest.param(FILE, "most", 2, id="the text stands there twice"),
        pytest.param("mock_servers/clevertap/gone.py", "most", 0, id="the file is gone"),
    ],
)
def test_a_mutant_that_no_longer_fits_says_so(folder, file, text, times):
    """Code that was changed since makes the test fail, instead of planting nothing, or too much."""
    with pytest.raises(MisfitError, match=f"'one more' no longer fits the code: '{text}' stands {times} times in"):
        plant(Mutant("one more", file, text, "> most", ()), folder)


@pytest.mark.parametrize(
    ("code", "closing_line", "found_something", "is_clean"),
    [
        pytest.param(1, "1 failed, 12 passed in 0.50s", True, False, id="a test fails"),
        pytest.param(1, "1 error in 0.50s", False, False, id="a fixture fails"),
        pytest.param(2, "1 error in 0.50s", False, False, id="the tests cannot be collected"),
        pytest.param(4, "ERROR: file or directory not found: tests/gone.py", False, False, id="no such file"),
        pytest.param(5, "no tests ran in 0.01s", False, False, id="no tests"),
        pytest.param(0, "12 passed in 0.50s", False, True, id="all pass"),
        pytest.param(0, "12 skipped in 0.50s", False, False, id="all are skipped"),
    ],
)
def test_only_a_failed_test_is_a_find(code, closing_line, found_something, is_clean):
    """A mutant that cannot even be imported proves nothing about the tests."""
    run = Run(code, f"....F\n{closing_line}\n")

    assert (run.found_something, run.is_clean) == (found_something, is_clean)
