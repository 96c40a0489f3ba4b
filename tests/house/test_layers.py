"""Nobody imports what the table in `layers` does not allow, and the check of it finds what is forbidden."""

import ast

import pytest

from tests.house.layers import MORE, PARTS_OF, ROOT, SERVICES, find_breaks, is_in, layer_of, modules


def test_every_import_is_allowed():
    """Nobody imports what the table does not name, and what belongs in one file appears in one file."""
    assert find_breaks(ROOT) == []


def test_every_module_has_a_layer():
    """The walk reaches every Python file that the wheel carries, and each file has a place in the table."""
    found = {module.path: layer_of(module.path) for module in modules(ROOT)}

    assert [path for path, layer in found.items() if layer is None] == []
    assert {"connector/client.py", "mock_servers/stack.py", "mock_servers/rig/clock.py"} <= set(found)
    for service in SERVICES:
        layers = {layer for layer in found.values() if layer and layer.startswith(service)}
        assert {f"{service}: {part}" for part in ("rules", "routes", "storage", "owner", "app")} <= layers


def test_every_exception_is_needed():
    """Names in the table that no file bears, or that no file needs any more, go."""
    paths = {module.path: module for module in modules(ROOT)}

    assert [path for path in MORE if path not in paths] == []
    parts = [f"mock_servers/{service}/{part}.py" for service, names in PARTS_OF.items() for part in names]
    assert [path for path in parts if path not in paths] == []
    needless = [
        f"{path}: {name}"
        for path, names in MORE.items()
        for name in names
        if not any(is_in(each.module, (name,)) for each in paths[path].imports)
    ]
    assert needless == []


PLANTED = [
    pytest.param("mock_servers/zapier/mapping.py", "import flask", id="a rule knows the framework"),
    pytest.param("mock_servers/zapier/mapping.py", "import sqlite3", id="a rule knows the storage"),
    pytest.param("mock_servers/zapier/mapping.py", "import requests", id="a rule calls out"),
    pytest.param("mock_servers/zapier/mapping.py", "from ..rig.clock import Clock", id="a rule knows the clock"),
    pytest.param("mock_servers/zapier/mapping.py", "from . import storage", id="a rule knows its service's storage"),
    pytest.param("mock_servers/zapier/brand_new.py", "import flask", id="a new file holds rules"),
    pytest.param("mock_servers/zapier/mapping.py", "import random", id="chance in a rule"),
    pytest.param("mock_servers/zapier/mapping.py", "def later():\n    import flask", id="inside a function too"),
    pytest.param("mock_servers/zapier/routes.py", "from ..pipedrive import deals", id="a service knows another"),
    pytest.param(
        "mock_servers/zapier/routes.py",
        "if TYPE_CHECKING:\n    from ..clevertap.profiles import Profile",
        id="a service knows another's types",
    ),
    pytest.param("mock_servers/zapier/routes.py", "from flask import request", id="routes know the framework"),
    pytest.param("mock_servers/zapier/runtime.py", "from . import routes", id="the owner of state knows the skin"),
    pytest.param("mock_servers/rig/http.py", "from ..clevertap import errors", id="the rig knows a vendor"),
    pytest.param("mock_servers/rig/http.py", "import connector", id="the rig knows the connector"),
    pytest.param("mock_servers/rig/http.py", "import flask", id="the rig's pipeline knows the framework"),
    pytest.param("connector/client.py", "from mock_servers.rig import clock", id="the connector knows the rig"),
    pytest.param("connector/client.py", "import flask", id="the connector knows a framework"),
    pytest.param("connector/client.py", "from connector.errors import InputError", id="not relative"),
    pytest.param("connector/client.py", "import time\ntime.sleep(1)", id="somebody sleeps"),
    pytest.param("mock_servers/rig/jobs.py", "import time\nnow = time.time()", id="a second clock"),
    pytest.param("mock_servers/rig/jobs.py", "from datetime import datetime as d\nnow = d.now()", id="now"),
    pytest.param("mock_servers/rig/jobs.py", "import secrets", id="secrets elsewhere"),
    pytest.param("mock_servers/cli/up.py", "import os\nport = os.environ['PORT']", id="a second reader of environment"),
    pytest.param("mock_servers/cli/up.py", "from os import environ\nport = environ['PORT']", id="by another name"),
    pytest.param("mock_servers/cli/up.py", "from ..zapier import zaps", id="the command knows a service"),
    pytest.param(
        "mock_servers/cli/up.py", "from ..rig.database import Database\nd = Database(p, ())", id="a second assembly"
    ),
    pytest.param("mock_servers/newcomer.py", "import json", id="a module without a layer"),
    pytest.param("mock_servers/hubspot/app.py", "import json", id="a service without a layer"),
]


@pytest.mark.parametrize(("path", "planted"), PLANTED)
def test_a_forbidden_import_is_found(tmp_path, path, planted):
    """One wrong line in an otherwise allowed tree is named with its file."""
    for name in ("zapier/storage", "pipedrive/deals", "rig/database", "rig/clock", "clevertap/errors", "zapier/routes"):
        allowed = tmp_path / "mock_servers" / f"{name}.py"
        allowed.parent.mkdir(parents=True, exist_ok=True)
        allowed.write_text("import json\n", encoding="utf-8")
    assert find_breaks(tmp_path) == []

    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"import json\n{planted}\n", encoding="utf-8")

    found = find_breaks(tmp_path)
    assert found
    assert all(problem.startswith(f"{path}:") for problem in found)


def test_what_is_allowed_is_not_reported(tmp_path):
    """The check is no wall: rules meet rules, an app meets its pages late, types of the own service are free."""
    allowed = {
        "mock_servers/zapier/dedupe.py": "import msgspec\nfrom collections import abc\n",
        "mock_servers/zapier/checks.py": "from .dedupe import key_of\nfrom datetime import datetime\n",
        "mock_servers/zapier/app.py": "def build():\n    from .pages import pages\n",
        "mock_servers/zapier/pages.py": "import flask\n",
        "mock_servers/rig/mounting.py": "import flask\n",
        "mock_servers/rig/clock.py": "import time\nnow = time.time()\n",
        "connector/client.py": "import requests\nfrom .errors import InputError\n",
        "connector/errors.py": "",
    }
    for path, text in allowed.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")

    assert find_breaks(tmp_path) == []


def test_sql_is_only_in_storage():
    """What a service says to its database stands in its storage modules, so whoever looks for a table finds it."""
    asking = [
        f"{module.path}:{node.lineno}"
        for module in modules(ROOT)
        if str(layer_of(module.path)).partition(": ")[0] in SERVICES
        and not str(layer_of(module.path)).endswith(": storage")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"execute", "executemany", "executescript"}
    ]

    assert asking == []
