"""Work that happens later: kept with its cause, worked once, in order, never two of one lane at once."""

import threading

import pytest

from mock_servers.rig.dispatch import AdvanceError, Dispatcher, NeverSettlesError
from mock_servers.rig.jobs import Jobs


def put(jobs, database, *, due_at, lane="lane", task="note", **payload):
    with database.write() as db:
        return jobs.put(db, task, payload, due_at=due_at, lane=lane)


@pytest.fixture
def worked(jobs, database, clock):
    """Registers the task `note`, which finishes its job; gives what was worked and when."""
    entries = []

    def note(job):
        entries.append((clock.now(), job.payload.get("text")))
        with database.write() as db:
            jobs.finish(db, job)

    jobs.register("note", note)
    return entries


def test_a_job_is_kept_with_its_cause_or_not_at_all(jobs, database, dispatcher, worked, at):
    """A job put in a transaction that fails was never there."""
    with pytest.raises(RuntimeError), database.write() as db:
        jobs.put(db, "note", {}, due_at=at(0), lane="lane")
        raise RuntimeError
    assert dispatcher.settle() == 0


def test_settle_works_only_what_is_due(jobs, database, dispatcher, worked, at):
    """What is due later waits for the clock."""
    put(jobs, database, due_at=at(0), text="now")
    put(jobs, database, due_at=at(1), text="later")
    assert dispatcher.settle() == 1
    assert worked == [(at(0), "now")]


def test_advance_goes_from_due_time_to_due_time(jobs, database, dispatcher, clock, worked, at):
    """Each job sees its own due time as the present, and at the end it is the target."""
    put(jobs, database, due_at=at(30), text="second")
    put(jobs, database, due_at=at(3), text="first")
    dispatcher.advance(at(60) - at(0))
    assert worked == [(at(3), "first"), (at(30), "second")]
    assert clock.now() == at(60)


def test_seven_polls_are_seven_polls(jobs, database, dispatcher, at, clock):
    """A job that puts itself again every two minutes is worked seven times in a quarter of an hour."""
    polls = []

    def poll(job):
        polls.append(clock.now())
        with database.write() as db:
            jobs.again(db, job, due_at=job.due_at + (at(120) - at(0)))

    jobs.register("poll", poll)
    put(jobs, database, due_at=at(120), task="poll")
    dispatcher.advance(at(15 * 60) - at(0))
    assert polls == [at(120 * number) for number in range(1, 8)]


def test_the_order_is_due_time_then_id(jobs, database, dispatcher, worked, at):
    """Two runs with the same work are equal."""
    for text, seconds in (("c", 2), ("a", 1), ("b", 1)):
        put(jobs, database, due_at=at(seconds), lane=text, text=text)
    dispatcher.advance(at(5) - at(0))
    assert [text for _, text in worked] == ["a", "b", "c"]


def test_what_was_in_hand_when_the_process_died_is_worked_again(open_database, clock, at):
    """A job that was taken and neither finished nor put again is free for whoever opens the database next, with
    the same id and attempt.
    """
    before = open_database()
    jobs = Jobs("service", before, lambda: None)
    put(jobs, before, due_at=at(0))
    taken = jobs.earliest()
    jobs.take(taken)

    after = open_database()
    again = Jobs("service", after, lambda: None)
    assert again.earliest().delivery == taken.delivery == "1/1"


def test_each_further_attempt_has_a_mark_of_its_own(jobs, database, dispatcher, at):
    """A retry is another attempt, so its delivery differs."""
    marks = []

    def fail_twice(job):
        marks.append(job.delivery)
        with database.write() as db:
            if job.attempt < 3:
                jobs.again(db, job, due_at=at(job.attempt))
            else:
                jobs.finish(db, job)

    jobs.register("note", fail_twice)
    put(jobs, database, due_at=at(0))
    dispatcher.advance(at(10) - at(0))
    assert marks == ["1/1", "1/2", "1/3"]


def test_a_task_that_fails_unforeseen_is_set_aside_with_its_reason(jobs, database, dispatcher, at):
    """The caller sees the exception; the job is not lost and does not come again by itself."""

    def fail(job):
        raise ZeroDivisionError("no idea")

    jobs.register("note", fail)
    put(jobs, database, due_at=at(0))
    with pytest.raises(ZeroDivisionError):
        dispatcher.settle()
    assert dispatcher.settle() == 0
    [problem] = jobs.find_problems()
    assert "no idea" in problem["problem"]


def test_two_jobs_of_one_lane_never_run_at_once(jobs, database, dispatcher, at):
    """Four workers, one slow lane: its jobs follow each other while another lane goes on."""
    running, most, done = [], [], []
    lock, first_is_running, other_is_done = threading.Lock(), threading.Event(), threading.Event()

    def task(job):
        with lock:
            running.append(job.lane)
            most.append(running.count(job.lane))
        if job.lane == "slow":
            first_is_running.set()
            assert other_is_done.wait(10)
        else:
            assert first_is_running.wait(10)
            other_is_done.set()
        with lock:
            running.remove(job.lane)
            done.append(job.lane)
        with database.write() as db:
            jobs.finish(db, job)

    jobs.register("note", task)
    for lane in ("slow", "slow", "slow", "other"):
        put(jobs, database, due_at=at(0), lane=lane)
    dispatcher.start(4)
    dispatcher.settle()
    assert sorted(done) == ["other", "slow", "slow", "slow"]
    assert max(most) == 1


def test_settle_waits_for_what_others_have_in_hand(jobs, database, dispatcher, at):
    """Nothing is due, but a worker is busy with what makes more: `settle` returns only after all of it."""
    entered, may_go_on, done = threading.Event(), threading.Event(), []

    def task(job):
        if job.payload.get("follow"):
            entered.set()
            assert may_go_on.wait(10)
            put(jobs, database, due_at=at(0))
        done.append(job.id)
        with database.write() as db:
            jobs.finish(db, job)

    jobs.register("note", task)
    put(jobs, database, due_at=at(0), follow=True)
    dispatcher.start(1)
    assert entered.wait(10)
    threading.Timer(0.05, may_go_on.set).start()
    dispatcher.settle()
    assert len(done) == 2


def test_what_never_settles_names_the_busiest(clock, at, open_database):
    """Work that causes itself without end is stopped with the names of what keeps coming."""
    database = open_database()
    dispatcher = Dispatcher(clock, most_jobs=50)
    jobs = Jobs("zapier", database, dispatcher.wake)
    dispatcher.add(jobs)

    def again(job):
        with database.write() as db:
            jobs.again(db, job, due_at=at(0))

    jobs.register("run", again)
    put(jobs, database, due_at=at(0), lane="zap/1", task="run")
    with pytest.raises(NeverSettlesError, match=r"50 jobs.*zapier: run \(zap/1\) 50 times"):
        dispatcher.settle()


@pytest.mark.parametrize(
    "seconds", [pytest.param(-1, id="backwards"), pytest.param(401 * 86_400, id="more than 400 days")]
)
def test_the_clock_moves_forward_by_400_days_at_most(dispatcher, clock, at, seconds):
    """Beyond that it is refused, and the time stays."""
    with pytest.raises(AdvanceError, match="400 days"):
        dispatcher.advance(at(seconds) - at(0))
    assert clock.now() == at(0)


def test_a_pause_waits_for_what_is_in_hand_and_lets_nothing_new_begin(jobs, database, dispatcher, worked, at):
    """Within a pause nothing is worked; afterwards it goes on."""
    with dispatcher.paused():
        put(jobs, database, due_at=at(0), text="held")
        assert jobs.earliest() is not None
        assert worked == []
    dispatcher.settle()
    assert [text for _, text in worked] == ["held"]


def test_workers_work_what_becomes_due(jobs, database, dispatcher, clock, at):
    """A served rig works jobs without being asked, also those that become due when the clock moves."""
    done = threading.Event()

    def task(job):
        with database.write() as db:
            jobs.finish(db, job)
        done.set()

    jobs.register("note", task)
    put(jobs, database, due_at=at(60))
    dispatcher.start(2)
    clock.move_to(at(61))
    dispatcher.wake()
    assert done.wait(10)
