"""A database with jobs, a frozen clock, and a dispatcher that the test works by hand."""

import pytest

from mock_servers.rig import jobs as jobs_module
from mock_servers.rig.clock import Clock
from mock_servers.rig.database import Database
from mock_servers.rig.dispatch import Dispatcher
from mock_servers.rig.jobs import Jobs

MIGRATIONS = (jobs_module.SCHEMA, "CREATE TABLE note (text TEXT);")


@pytest.fixture
def clock(at):
    return Clock.frozen(at(0))


@pytest.fixture
def open_database(tmp_path):
    """Opens the same file again and again, as restarts do."""
    opened = []

    def open_it(migrations=MIGRATIONS, name="service"):
        database = Database(tmp_path / f"{name}.sqlite", migrations)
        opened.append(database)
        return database

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def database(open_database):
    return open_database()


@pytest.fixture
def dispatcher(clock):
    made = Dispatcher(clock)
    yield made
    made.stop()


@pytest.fixture
def jobs(database, dispatcher):
    made = Jobs("service", database, dispatcher.wake)
    dispatcher.add(made)
    return made
