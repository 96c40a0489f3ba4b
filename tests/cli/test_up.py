"""`zaprig up` as a real process: its ready line, its ports, its end."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading

import pytest
import requests

pytestmark = pytest.mark.slow


class Rig:
    """One `zaprig up` process."""

    def __init__(self, *arguments, stderr=subprocess.PIPE):
        command = [sys.executable, "-m", "mock_servers.cli", "up", "--port", "0", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)

    def ready(self):
        found, _, _ = select.select([self.process.stdout], [], [], 30)
        line = self.process.stdout.readline() if found else ""
        assert line, self.process.stderr and self.process.stderr.read()
        return json.loads(line)

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(20)

    def failure(self):
        """`(exit code, what it said)` of a start that cannot succeed."""
        out, err = self.process.communicate(timeout=30)
        assert out == ""
        return self.process.returncode, " ".join(err.split())


@pytest.fixture
def up():
    started = []

    def start(*arguments, **streams):
        started.append(Rig(*arguments, **streams))
        return started[-1]

    yield start
    for rig in started:
        rig.process.terminate()  # politely, so that no temporary folder stays behind
        rig.process.wait(20)
        for stream in (rig.process.stdout, rig.process.stderr):
            if stream:
                stream.close()


def test_the_ready_line_has_what_a_client_needs(up):
    """One line of JSON when all three answer: addresses, credentials, seed, state, pid."""
    rig = up("--json", "--deals", "2")
    told = rig.ready()
    assert list(told) == ["zapier", "pipedrive", "clevertap", "seed", "state", "pid"]
    assert list(told["zapier"]) == ["url"]
    assert list(told["pipedrive"]) == [
        "url", "api_token", "company_domain", "client_id", "client_secret", "redirect_uri",
    ]  # fmt: skip
    assert list(told["clevertap"]) == ["url", "account_id", "passcode", "region"]
    assert (told["seed"], told["state"], told["pid"]) == (1, None, rig.process.pid)
    headers = {"x-api-token": told["pipedrive"]["api_token"]}
    deals = requests.get(told["pipedrive"]["url"] + "/api/v2/deals", headers=headers, timeout=10).json()["data"]
    assert len(deals) == 2
    assert requests.get(told["zapier"]["url"] + "/", timeout=10).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_a_signal_ends_it_with_0(up, number):
    """Ctrl-C and a polite kill are ordinary ends."""
    rig = up("--json", "--deals", "0")
    rig.ready()
    assert rig.end(number) == 0
    assert rig.process.stderr.read() == ""


def test_without_json_a_table_is_printed(up):
    """Addresses and credentials for people."""
    rig = up("--deals", "0")
    watchdog = threading.Timer(30, rig.process.kill)
    watchdog.start()
    shown = ""
    for line in rig.process.stdout:
        shown += line
        if "Ctrl-C" in line:
            break
    watchdog.cancel()
    assert "http://127.0.0.1:" in shown
    assert "passcode" in shown
    assert rig.end() == 0


def test_the_same_seed_gives_the_same_credentials_and_another_seed_others(up):
    """So that a configuration can be written down once."""
    first, second, other = (up("--json", "--deals", "0", "--seed", seed).ready() for seed in ("1", "1", "2"))
    assert first["clevertap"]["passcode"] == second["clevertap"]["passcode"]
    assert first["pipedrive"]["api_token"] == second["pipedrive"]["api_token"]
    assert first["clevertap"]["account_id"] != other["clevertap"]["account_id"]


def test_a_taken_port_is_said(up):
    """Which one, and what to do; nothing is left behind."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = up("--json", "--port", str(port)).failure()
    assert code == 1
    assert f"Port {port} on 127.0.0.1 is taken" in said
    assert "--port" in said


def test_a_state_folder_in_use_is_said(up, tmp_path):
    """The second rig on a folder is told which process has it."""
    first = up("--json", "--deals", "0", "--state", str(tmp_path / "state"))
    pid = first.ready()["pid"]
    code, said = up("--json", "--state", str(tmp_path / "state")).failure()
    assert code == 1
    assert f"in use by process {pid}" in said


def test_a_state_folder_with_another_seed_or_number_of_deals_is_said(up, tmp_path):
    """What the folder was made with stands; asking for something else is an error that names both."""
    state = str(tmp_path / "state")
    first = up("--json", "--deals", "1", "--state", state, "--seed", "7")
    assert first.ready()["seed"] == 7
    first.end()
    code, said = up("--json", "--state", state, "--seed", "8").failure()
    assert (code, "--seed 7, not 8" in said) == (1, True)
    code, said = up("--json", "--state", state, "--deals", "2").failure()
    assert (code, "--deals 1, not 2" in said) == (1, True)
    again = up("--json", "--state", state)
    assert again.ready()["seed"] == 7


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        pytest.param(("--port", "99999"), "99999 is no port", id="a port that is none"),
        pytest.param(("--deals", "-1"), "--deals", id="fewer deals than none"),
        pytest.param(("--port", "²"), "no port", id="a port that only looks like digits"),
        pytest.param(("--host", "203.0.113.7"), "Cannot listen on 203.0.113.7", id="an address of somebody else"),
        pytest.param(("--host", ""), "no IP address", id="no address"),
        pytest.param(("--host", "127.1"), "no IP address", id="half an address"),
    ],
)
def test_wrong_options_are_said(up, arguments, part):
    """In one sentence, with a failing exit code."""
    code, said = up(*arguments).failure()
    assert code != 0
    assert part in said


def test_beyond_loopback_controls_need_the_token(up):
    """Listening on every address, the rig makes a control token; without it nobody drives it."""
    told = up("--json", "--deals", "0", "--host", "0.0.0.0").ready()
    url, token = told["zapier"]["url"], told["control_token"]
    assert requests.post(f"{url}/_rig/settle", json={}, timeout=10).status_code == 403
    assert requests.get(f"{url}/api/zaps", timeout=10).status_code == 401
    headers = {"Authorization": f"Bearer {token}"}
    assert requests.post(f"{url}/_rig/settle", json={}, headers=headers, timeout=10).status_code == 200
    assert requests.get(f"{url}/api/zaps", headers=headers, timeout=10).status_code == 200


def test_a_foreign_host_or_origin_is_refused_over_sockets(up):
    """A web page in the developer's browser cannot drive the rig or read its credentials."""
    told = up("--json", "--deals", "0").ready()
    for server in ("zapier", "pipedrive", "clevertap"):
        url = told[server]["url"]
        assert requests.get(f"{url}/", headers={"Host": "evil.example"}, timeout=10).status_code == 403
        assert requests.get(f"{url}/_rig/journal", headers={"Host": "evil.example"}, timeout=10).status_code == 403
        origin = {"Origin": "https://evil.example"}
        assert requests.post(f"{url}/_rig/reset", json={}, headers=origin, timeout=10).status_code == 403
        assert requests.post(f"{url}/_rig/reset", data="{}", timeout=10).status_code == 403
        assert "access-control-allow-origin" not in requests.get(f"{url}/", headers=origin, timeout=10).headers


def test_the_request_in_hand_is_finished(up):
    """A signal while a request is being read and answered: the answer still comes, and the exit code is 0."""
    rig = up("--json", "--deals", "0")
    told = rig.ready()
    host, port = told["pipedrive"]["url"].removeprefix("http://").split(":")
    body = b'{"title": "Last one"}'
    head = (
        f"POST /api/v2/deals HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        f"x-api-token: {told['pipedrive']['api_token']}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head.encode() + body[:5])
        requests.get(told["zapier"]["url"] + "/api/apps", timeout=10)  # by now the other one is being read
        rig.process.send_signal(signal.SIGTERM)
        connection.sendall(body[5:])
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"Last one" in answer
    assert rig.process.wait(20) == 0


def test_a_large_company_is_made_under_a_progress_bar(up):
    """Where stderr is a terminal, a person sees how far it is; stdout stays one line of JSON."""
    terminal, end = os.openpty()
    rig = up("--json", "--deals", "3000", stderr=end)
    os.close(end)
    assert rig.ready()["seed"] == 1
    wait_for(terminal, "Making 3,000 deals")
    os.close(terminal)


def wait_for(terminal, text):
    """Read from a terminal until it has shown this text."""
    shown = ""
    while text not in shown:
        shown += os.read(terminal, 100_000).decode("utf-8", "replace")


def test_a_signal_under_load_is_never_lost(up):
    """Whichever thread the system interrupts, the rig ends with 0, and says nothing on stderr."""
    rig = up("--json", "--deals", "0")
    url = rig.ready()["zapier"]["url"]
    ended = threading.Event()

    def ask():
        with requests.Session() as session:
            while not ended.is_set():
                try:
                    session.get(f"{url}/api/apps", headers={"Connection": "close"}, timeout=10)
                except requests.RequestException:
                    return

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    try:
        assert rig.end() == 0
    finally:
        ended.set()
        for client in clients:
            client.join()
    assert rig.process.stderr.read() == ""


def test_stopped_while_a_company_is_made(up):
    """Ctrl-C does not wait for the last of many deals."""
    terminal, end = os.openpty()
    rig = up("--json", "--deals", "300000", stderr=end)
    os.close(end)
    wait_for(terminal, "Making")
    assert rig.end(signal.SIGINT) == 0
    assert rig.process.stdout.read() == ""
    os.close(terminal)


def test_the_token_of_a_rig_that_others_can_reach(up):
    """The command takes it from ZAPRIG_TOKEN, so that it works there too."""
    told = up("--json", "--deals", "0", "--host", "0.0.0.0").ready()
    command = [sys.executable, "-m", "mock_servers.cli", "zap", "list", "--url", told["zapier"]["url"]]
    env = {**os.environ, "ZAPRIG_TOKEN": told["control_token"]}
    assert subprocess.run(command, env=env, capture_output=True, timeout=30).returncode == 0
    refused = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert (refused.returncode, "control token" in refused.stderr) == (1, True)
