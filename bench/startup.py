"""From the start of the process: `zaprig up` to its ready line, a plain Flask app to its first answer."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .measuring import Comparison, take_turns

TURNS = 15
AIM = 1.5
ZAPRIG = [sys.executable, "-m", "mock_servers.cli", "up", "--json", "--port", "0", "--deals", "0"]
PLAIN = [sys.executable, str(Path(__file__).with_name("plain_flask.py"))]


def compare() -> Comparison:
    """Both started and ended again, in turns."""
    ours, plain = take_turns(start_zaprig, start_plain_flask, TURNS)
    return Comparison("zaprig up, to its ready line", "Flask app, to its first answer", ours, plain, AIM)


def start_zaprig() -> None:
    """Start a rig and wait for the line that says that all three servers answer."""
    with _first_line_of(ZAPRIG) as line:
        assert "zapier" in json.loads(line)


def start_plain_flask() -> None:
    """Start the app and ask it once."""
    with _first_line_of(PLAIN) as line:
        connection = http.client.HTTPConnection("127.0.0.1", int(line), timeout=30)
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
        connection.close()


@contextmanager
def _first_line_of(command: list[str]) -> Iterator[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    assert process.stdout is not None
    try:
        yield process.stdout.readline()
    finally:
        process.kill()  # how it ends is not measured
        process.wait()
        process.stdout.close()
