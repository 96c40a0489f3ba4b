"""A served rig, and the command as a person types it."""

import json

import pytest
from click.testing import CliRunner

from mock_servers.cli import cli
from mock_servers.config import Config
from mock_servers.served import serve


@pytest.fixture
def rig(tmp_path):
    """What `zaprig up --json` prints, of a rig that is served while the test runs."""
    with serve(Config(port=0, deals=3)) as served:
        yield served.describe()


@pytest.fixture
def zaprig(rig, tmp_path):
    """`zaprig("zap list")` runs the command against the served rig; a `status` that is not expected fails."""
    file = tmp_path / "rig.json"
    file.write_text(json.dumps(rig))

    def run(line, *, status=0, stdin=None, **env):
        arguments = [str(file) if word == "RIG" else word for word in line.split()]
        result = CliRunner().invoke(cli, arguments, env={"ZAPRIG_URL": rig["zapier"]["url"], **env}, input=stdin)
        assert result.exit_code == status, result.output
        return result.output

    return run
