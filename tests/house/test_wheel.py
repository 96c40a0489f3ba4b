"""The wheel is the thing that users get: what is in it, and that it works from there."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The path of a wheel, built without the network."""
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stdout + built.stderr
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel):
    """The names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_everything_that_is_needed_is_in_it(names):
    """All code, templates, styles and OpenAPI documents of both packages, and the fixtures."""
    kinds = {".py", ".html", ".css", ".js", ".yaml"}
    ours = {
        file.relative_to(ROOT).as_posix()
        for package in ("connector", "mock_servers")
        for file in (ROOT / package).rglob("*")
        if file.suffix in kinds and "__pycache__" not in file.parts
    }
    fixtures = {
        f"mock_servers/_fixtures/{file.relative_to(ROOT / 'fixtures').as_posix()}"
        for file in (ROOT / "fixtures").rglob("*")
        if file.is_file()
    }

    assert sorted((ours | fixtures) - names) == []
    assert {
        "mock_servers/ui/static/rig.css",
        "mock_servers/ui/templates/rig.html",
        "mock_servers/clevertap/openapi.yaml",
        "mock_servers/_fixtures/zaps/new_deal_to_profile.yaml",
    } <= names
    assert {"clevertap", "pipedrive", "zapier"} <= {
        name.split("/")[1] for name in names if "/templates/" in name and name.endswith(".html")
    }


def test_nothing_else_is_in_it(names):
    """Two packages and their metadata: no tests, benchmarks, documents, nor anything made while working."""
    tops = {name.split("/")[0] for name in names}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"connector", "mock_servers"}
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".sqlite"))] == []


def test_command_and_licence_come_along(wheel, names):
    """The console script is declared, and the licence is in the metadata."""
    [entry_points] = (name for name in names if name.endswith(".dist-info/entry_points.txt"))
    with zipfile.ZipFile(wheel) as archive:
        declared = archive.read(entry_points).decode()

    assert "zaprig = mock_servers.cli:main" in declared
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]


def test_it_works_from_the_wheel(wheel, tmp_path):
    """Unpacked elsewhere, it finds its own fixtures, and builds a rig with all pages."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = """
import sys
from mock_servers import stack
from mock_servers.config import Config, fixtures
assert stack.__file__.startswith(sys.argv[1]), stack.__file__
assert fixtures().name == "_fixtures" and (fixtures() / "zaps").is_dir()
with stack.build_stack(Config(deals=0)) as rig:
    for name in ("zapier", "pipedrive", "clevertap"):
        page = rig.app(name).test_client().get("/")
        assert page.status_code == 200 and b"<style>" in page.data, name
"""
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, str(tmp_path)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert run.returncode == 0, run.stderr
