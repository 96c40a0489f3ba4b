"""What every test may use."""

from datetime import UTC, datetime, timedelta

import pytest

START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def at():
    """`at(90)` is a minute and a half after the start of every test's time."""
    return lambda seconds: START + timedelta(seconds=seconds)
