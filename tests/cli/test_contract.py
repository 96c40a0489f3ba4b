"""`zaprig contract`: what it asks, what it shows, and how it ends."""

import json
import subprocess
import sys
from contextlib import contextmanager
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from mock_servers.cli import cli
from mock_servers.cli.contract import ContractGroup
from mock_servers.config import Config
from mock_servers.rig.serving import HttpServer, listen
from mock_servers.served import serve
from tests.harness.spoiled import Spoiled


@pytest.fixture
def contract(tmp_path):
    """`contract("--phase examples")` runs the command and gives its exit code and all it says."""

    def run(line, *, stdin=None, **files):
        for name, content in files.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(content))
        arguments = [str(tmp_path / word) if word.endswith((".json", ".xml")) else word for word in line.split()]
        result = CliRunner().invoke(cli, ["contract", *arguments], input=stdin)
        return result.exit_code, result.output

    return run


@contextmanager
def served(app):
    """The address of a WSGI app."""
    listener = listen("127.0.0.1", 0)
    server = HttpServer(app, listener)
    server.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.drain()


ACCOUNT = {"api_token": "a-token-of-nobody"}


# What is asked


def test_both_documents_are_checked_in_process(contract):
    """Without further words it asks a rig of its own, with a company to find, and both servers hold."""
    status, said = contract("--phase examples --max-examples 2")

    assert status == 0, said
    assert "clevertap, examples" in said
    assert "pipedrive, examples" in said
    assert said.count("holds") == 2


@pytest.mark.slow
def test_a_rig_is_served_for_the_check(contract):
    """With --sockets the same is asked over sockets, walks along the links too."""
    status, said = contract("--sockets --document clevertap --phase examples --phase stateful --max-examples 3")

    assert status == 0, said
    assert "clevertap, stateful" in said


def test_a_rig_that_runs_is_left_as_it_was(contract, rig):
    """The file that `zaprig up --json` printed names addresses and credentials; a setting is put back at the end."""
    import requests

    account = f"{rig['clevertap']['url']}/_rig/accounts/{rig['clevertap']['account_id']}"
    requests.patch(f"{account}/settings", json={"counts_ready_after": 1}, timeout=30).raise_for_status()

    status, said = contract("--from rig.json --document clevertap --phase examples", rig=rig)

    assert status == 0, said
    assert requests.get(account, timeout=30).json()["settings"]["counts_ready_after"] == 1


def test_addresses_and_credentials_come_from_stdin_too(contract, rig):
    """What `zaprig up --json` printed serves both documents, and is read once."""
    status, said = contract("--from - --phase examples", stdin=json.dumps(rig))

    assert status == 0, said
    assert said.count("holds") == 2


# What is said


def test_a_fault_is_in_the_table_the_list_and_the_file(contract, tmp_path):
    """A server that does not follow the document: exit code 1, each fault with its place and how to see it again."""
    with serve(Config(port=0, deals=0)) as rig:
        account = rig.stack.clevertap.default_credentials()
        app = rig.stack.lazy_app("clevertap")
        with served(Spoiled(app, "/1/profile.json", lambda _, answer: ("418 I'M A TEAPOT", answer))) as url:
            line = f"--url {url} --document clevertap --from account.json --phase examples --junit report.xml"
            status, said = contract(line, account=account)

    assert status == 1
    table, _, faults = said.partition("\n1. ")
    assert "clevertap, examples" in table
    assert "broken" in table
    assert "GET /1/profile.json, response status" in faults
    assert "Received: 418. Documented: 200" in faults
    assert "curl -X GET -H 'X-CleverTap-Account-Id: [Filtered]'" in faults
    assert f"'{url}/1/profile.json?" in faults
    assert account["passcode"] not in said
    written = ET.fromstring((tmp_path / "report.xml").read_text())
    assert written.get("failures") == "1"
    assert "Received: 418. Documented: 200" in "".join(written.itertext())


def test_a_server_that_is_not_there_does_not_hold(contract):
    """Nobody answered, so nothing is known: exit code 1, and the reason."""
    with served(None) as url:
        pass
    status, said = contract(f"--url {url} --document pipedrive --from account.json --phase examples", account=ACCOUNT)

    assert status == 1
    assert "not run" in said
    assert "Connection" in said


# Wrong usage


@pytest.mark.parametrize(
    ("line", "what"),
    [
        pytest.param("--document zapier", "is not one of", id="a document that is not there"),
        pytest.param("--phase luck", "is not one of", id="a phase that is not there"),
        pytest.param("--max-examples 0", "0 is not in the range", id="no examples"),
        pytest.param("--turbo", "No such option", id="an option that is not there"),
        pytest.param("traffik", "No such command", id="a subcommand that is not there"),
        pytest.param("--url http://127.0.0.1:1 --document pipedrive", "needs --from", id="no credentials"),
        pytest.param("--url http://127.0.0.1:1 --from account.json", "one --document", id="which document?"),
        pytest.param("--from account.json --sockets", "of its own", id="their rig or ours?"),
        pytest.param("--from account.json --document pipedrive", "no address", id="no address"),
        pytest.param(
            "--url https://api.pipedrive.com --document pipedrive --from account.json",
            "not on this machine",
            id="a real service",
        ),
    ],
)
def test_wrong_usage_exits_with_64(contract, line, what):
    """Click's own 2 would mean drift to who reads the exit codes of these commands; the real services are refused."""
    status, said = contract(line, account=ACCOUNT)

    assert status == 64
    assert what in said


def test_wrong_usage_of_a_subcommand_exits_with_64():
    """It is so for all of the group, not for click."""
    import click

    @click.group(cls=ContractGroup)
    def group() -> None:
        pass

    @group.command()
    @click.argument("file")
    def traffic(file):
        pass

    assert CliRunner().invoke(group, ["traffic"]).exit_code == 64
    assert click.UsageError.exit_code == 2


def test_without_the_extra_it_says_what_to_install():
    """The extra that it needs is named in one sentence."""
    code = "import sys; sys.modules['schemathesis'] = None; from mock_servers.cli import main; main(['contract'])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ran.returncode == 64
    assert ran.stderr.strip() == "Error: schemathesis is missing: pip install 'zaprig[contract]'"


def test_the_help_names_the_exit_codes(contract):
    """What a shell script needs to know stands in --help, with examples."""
    status, said = contract("--help")

    assert status == 0
    assert "64   wrong usage" in said
    assert "zaprig contract --sockets --junit contract.xml" in said


# Connectors


def test_the_shipped_connector_holds(contract, tmp_path):
    """Each rule of the contract is a row of the table and a case of the JUnit file."""
    status, said = contract("connector --junit connector.xml")

    assert status == 0, said
    assert "connector, every request follows the document" in said
    cases = ET.parse(tmp_path / "connector.xml").getroot().findall(".//testcase")
    assert len(cases) == 8
    assert not [case for case in cases if list(case)]


def test_a_connector_with_a_slip_is_broken(contract):
    """With the rule that it breaks, and what it did."""
    status, said = contract("connector tests.contract.test_connector_contract:IgnoresPartial")

    assert status == 1
    assert "upload_event took an answer that is partial for a success" in said


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        pytest.param("nowhere:Nothing", "Name it as module:Class", id="no module"),
        pytest.param("json:Nothing", "Name it as module:Class", id="no class"),
        pytest.param("json:JSONDecoder", "is no subclass of ConnectorContract", id="another class"),
    ],
)
def test_what_is_no_contract_is_wrong_usage(contract, name, problem):
    """Nothing was checked then."""
    status, said = contract(f"connector {name}")

    assert status == 64
    assert problem in said
