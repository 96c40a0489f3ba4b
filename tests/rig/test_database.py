"""One SQLite file: transactions, snapshots, migrations, counters."""

import sqlite3
import threading

import pytest

from mock_servers.rig.database import COUNTERS, DamagedDatabaseError, Database, NewerDatabaseError, next_number


def notes(database):
    with database.read() as db:
        return [row["text"] for row in db.execute("SELECT text FROM note ORDER BY rowid")]


def test_a_transaction_is_kept_whole_or_not_at_all(database):
    """After an exception nothing of the transaction is there."""
    with database.write() as db:
        db.execute("INSERT INTO note VALUES ('kept')")
    with pytest.raises(RuntimeError), database.write() as db:
        db.execute("INSERT INTO note VALUES ('lost')")
        raise RuntimeError
    assert notes(database) == ["kept"]


def test_a_reader_sees_one_moment(database):
    """What is committed while a snapshot is held is not seen in it."""
    with database.read() as db:
        db.execute("SELECT count(*) FROM note").fetchone()
        with database.write() as writer:
            writer.execute("INSERT INTO note VALUES ('later')")
        assert db.execute("SELECT count(*) FROM note").fetchone()[0] == 0
    assert notes(database) == ["later"]


def test_a_reader_cannot_hold_a_half_snapshot_after_an_error(database):
    """A reader that raised goes back to the pool usable."""
    with pytest.raises(sqlite3.OperationalError), database.read() as db:
        db.execute("SELECT nothing FROM nowhere")
    assert notes(database) == []


def test_a_counter_is_counted_in_its_transaction(database):
    """A number that was rolled back is given again; a committed one never is."""
    with database.write() as db:
        assert next_number(db, "run") == 1
    with pytest.raises(RuntimeError), database.write() as db:
        next_number(db, "run")
        raise RuntimeError
    with database.write() as db:
        assert next_number(db, "run") == 2


def test_many_threads_count_without_a_gap(database):
    """One writer at a time: eight threads counting give every number once."""
    numbers = []

    def count():
        for _ in range(50):
            with database.write() as db:
                numbers.append(next_number(db, "n"))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 401))


def test_an_older_file_is_brought_to_the_newest_shape(open_database):
    """Only the scripts that a file has not seen are run, and what is in it stays."""
    first = ("CREATE TABLE note (text TEXT);",)
    older = open_database(first)
    with older.write() as db:
        db.execute("INSERT INTO note VALUES ('old')")
    newer = open_database((*first, "ALTER TABLE note ADD COLUMN colour TEXT;"))
    with newer.read() as db:
        assert tuple(db.execute("SELECT text, colour FROM note").fetchone()) == ("old", None)


def test_a_file_of_a_newer_zaprig_is_refused(tmp_path):
    """It says so and what to do, and touches nothing."""
    path = tmp_path / "service.sqlite"
    Database(path, ("CREATE TABLE note (text TEXT);",)).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(NewerDatabaseError, match=r"newer zaprig.*--state"):
        Database(path, ("CREATE TABLE note (text TEXT);",))


def test_a_migration_that_fails_leaves_the_file_as_it_was(open_database, tmp_path):
    """A script and its version number are one transaction."""
    open_database(("CREATE TABLE note (text TEXT);",)).close()
    with pytest.raises(sqlite3.OperationalError):
        Database(tmp_path / "service.sqlite", ("CREATE TABLE note (text TEXT);", "CREATE TABLE note (again TEXT);"))
    with sqlite3.connect(tmp_path / "service.sqlite") as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == len((COUNTERS, "note"))
    db.close()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: b"garbage" * 1000, id="no database at all"),
        pytest.param(lambda content: content[:5000], id="cut off"),
    ],
)
def test_a_damaged_file_is_said_in_one_sentence(open_database, tmp_path, damage):
    """With its path and what to do, and nothing is left open."""
    open_database().close()
    path = tmp_path / "service.sqlite"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DamagedDatabaseError, match=r"service\.sqlite is damaged .*--state"):
        open_database()


def test_an_empty_file_is_a_new_one(open_database, tmp_path):
    """A crash may leave a file without a byte; it becomes a whole database, in WAL mode like every other."""
    (tmp_path / "service.sqlite").write_bytes(b"")
    database = open_database()
    assert notes(database) == []
    with database.read() as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_the_file_of_another_service_is_refused(open_database, tmp_path):
    """A file that was copied over another one would lose everything without a word."""
    open_database().close()
    (tmp_path / "service.sqlite").rename(tmp_path / "other.sqlite")
    with pytest.raises(DamagedDatabaseError, match=r"other\.sqlite is not the database of other"):
        open_database(name="other")


def test_a_file_that_must_be_there_is_not_made_anew(tmp_path):
    """Where a folder was whole before, a missing file is a loss and not a beginning."""
    with pytest.raises(DamagedDatabaseError, match="is missing"):
        Database(tmp_path / "service.sqlite", (), must_exist=True)
    assert list(tmp_path.iterdir()) == []
