"""What time is it?"""

from datetime import timedelta

from mock_servers.rig.clock import Clock, ClockReading, from_milliseconds, to_milliseconds


def test_a_frozen_clock_stands_still_until_it_is_moved(at):
    """Frozen means that only `move_to` moves it."""
    clock = Clock.frozen(at(0))
    assert clock.now() == clock.now() == at(0)
    clock.move_to(at(60))
    assert clock.now() == at(60)


def test_time_never_runs_backwards(at):
    """A moment that is past changes nothing."""
    clock = Clock.frozen(at(60))
    clock.move_to(at(0))
    assert clock.now() == at(60)


def test_a_moved_clock_is_remembered_before_it_is_seen(at):
    """The new reading is stored first, so that after a restart time is not behind what somebody saw."""
    seen_while_storing = []
    clock = Clock(
        ClockReading(frozen_at=to_milliseconds(at(0))), lambda reading: seen_while_storing.append(clock.now())
    )
    clock.move_to(at(5))
    assert seen_while_storing == [at(0)]


def test_the_system_clock_goes_on_with_its_offset():
    """Moved by an hour, it is an hour ahead from then on."""
    readings = []
    clock = Clock(remember=readings.append)
    before = clock.now()
    clock.move_to(before + timedelta(hours=1))
    again = Clock(readings[-1])
    assert timedelta(minutes=59) < again.now() - before < timedelta(minutes=61)


def test_times_are_whole_milliseconds(at):
    """What goes into a database comes out the same."""
    moment = at(0.123)
    assert from_milliseconds(to_milliseconds(moment)) == moment
