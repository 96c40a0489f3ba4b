"""`--record-cassettes`, which `make record` gives."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-cassettes", action="store_true", help="make the cassettes in fixtures/cassettes again")
