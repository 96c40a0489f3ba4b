"""What a test pays for a world of its own: a whole stack in process, against a bare Flask test client."""

from flask import Flask

from mock_servers.config import Config
from mock_servers.stack import build_stack

from .measuring import Comparison, take_turns

TURNS = 200


def compare() -> Comparison:
    """Both made and thrown away, in turns."""
    ours, plain = take_turns(make_stack, make_test_client, TURNS)
    return Comparison("build_stack and close, in process", "Flask app, test client, one GET", ours, plain)


def make_stack() -> None:
    """Three services with empty databases, gone again."""
    build_stack(Config(deals=0)).close()


def make_test_client() -> None:
    """What the fixture of a plain Flask test does."""
    app = Flask(__name__)

    @app.get("/")
    def hello() -> dict[str, bool]:
        return {"success": True}

    assert app.test_client().get("/").status_code == 200
