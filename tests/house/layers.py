"""Who may import whom: the table, and a check of every module against it.

`docs/architecture.md` explains the layers. A module's layer follows from where it lies; inside a service every
file that has no other name in `PARTS` holds rules, the strictest layer, so a new file cannot escape the table.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVICES = ("clevertap", "pipedrive", "zapier")

PARTS = {
    "__init__": "rules",
    "app": "app",
    "routes": "routes",
    "control": "routes",
    "pages": "pages",
    "payloads": "payloads",
    "storage": "storage",
    "errors": "errors",
    "emulator": "owner",
    "runtime": "owner",
    "factory": "factory",
}
"""The files that every service may have, by name; `payloads_v1` counts as `payloads`. All others hold rules."""

PARTS_OF = {
    "clevertap": {
        **dict.fromkeys(("schema", "profile_storage", "event_storage", "log_storage", "campaign_storage"), "storage"),
        **dict.fromkeys(
            ("directory", "uploads", "reader", "exporting", "counting", "people", "campaigning", "limits"), "owner"
        ),
        **dict.fromkeys(("account_control", "campaign_control"), "routes"),
    },
    "pipedrive": {
        **dict.fromkeys(("accounts", "deliveries", "records", "sign_in", "subscriptions"), "owner"),
        "tables": "storage",
        "bodies": "routes",
    },
    "zapier": dict.fromkeys(("equipment", "connections", "caller", "editor", "intake", "runner"), "owner")
    | {"history": "storage", "schema": "storage"},
}
"""Files into which one service's owner of state, its storage or its routes were parted."""


@dataclass(frozen=True)
class Layer:
    """What the modules of one layer may import, apart from the standard library.

    `own` are layers of the same service, `ours` are other modules of ours (a package means all of it), `outside`
    are packages of others and the watched parts of the standard library; `late` only inside a function.
    """

    own: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    late: tuple[str, ...] = ()


RIG = "mock_servers.rig"
SERVICE_LAYERS = {
    "rules": Layer(own=("rules",), outside=("msgspec",)),
    "factory": Layer(own=("rules",), ours=(f"{RIG}.ids",), late=("faker",)),
    "errors": Layer(own=("rules",), ours=(f"{RIG}.exchange",)),
    "storage": Layer(
        own=("rules", "storage"),
        ours=(f"{RIG}.database", f"{RIG}.jobs", f"{RIG}.clock"),
        outside=("sqlite3", "msgspec"),
    ),
    "payloads": Layer(own=("rules", "payloads", "storage"), ours=(f"{RIG}.clock",), outside=("msgspec",)),
    "owner": Layer(
        own=("rules", "errors", "storage", "payloads", "factory", "owner"),
        ours=tuple(
            f"{RIG}.{each}" for each in ("addresses", "clock", "database", "exchange", "ids", "jobs", "masking")
        ),
        outside=("sqlite3", "msgspec"),
        late=("requests",),
    ),
    "routes": Layer(
        own=("rules", "errors", "storage", "payloads", "owner", "routes"),
        ours=tuple(f"{RIG}.{each}" for each in ("exchange", "routes", "control", "guard", "clock")),
        outside=("msgspec",),
        late=("yaml",),
    ),
    "pages": Layer(
        own=("rules", "errors", "storage", "payloads", "owner", "pages"),
        ours=tuple(f"{RIG}.{each}" for each in ("exchange", "clock", "guard")),
        outside=("flask", "msgspec"),
    ),
    "app": Layer(
        own=("rules", "errors", "storage", "payloads", "owner", "routes", "pages"), ours=(RIG, "mock_servers.ui")
    ),
    "apps": Layer(own=("apps",), ours=("connector",), outside=("requests",)),
}

LAYERS = {
    "connector": Layer(ours=("connector",), outside=("requests", "msgspec")),
    "rig": Layer(ours=(RIG,), outside=("msgspec", "werkzeug")),
    "ui": Layer(late=("jinja2",)),
    "config": Layer(),
    "stack": Layer(ours=("connector", "mock_servers")),
    "outside": Layer(ours=("mock_servers.config", RIG)),
    "served": Layer(ours=("mock_servers.stack", "mock_servers.config", "mock_servers.pipedrive.accounts", RIG)),
    "studio": Layer(ours=("mock_servers.stack", "mock_servers.config", "mock_servers.harness", RIG)),
    "pytest_plugin": Layer(ours=("mock_servers",), outside=("pytest",)),
    "cli": Layer(
        ours=tuple(f"mock_servers.{each}" for each in ("cli", "stack", "served", "studio", "config", "rig", "harness")),
        outside=("click", "rich", "requests"),
        late=("connector",),
    ),
    "cassettes": Layer(
        ours=("mock_servers.harness.cassettes", RIG), outside=("requests", "urllib3", "msgspec"), late=("vcr", "yaml")
    ),
    "scenarios": Layer(
        ours=("connector", "mock_servers.harness", "mock_servers.zapier.apps", RIG), outside=("requests",)
    ),
    "contract": Layer(
        ours=("connector", "mock_servers.harness", RIG),
        outside=("requests", "msgspec"),
        late=("schemathesis", "jsonschema_rs", "hypothesis", "pytest", "yaml"),
    ),
    "root": Layer(),
}

MORE = {
    "mock_servers/rig/database.py": ("sqlite3",),
    "mock_servers/rig/jobs.py": ("sqlite3",),
    "mock_servers/rig/ids.py": ("random", "secrets"),
    "mock_servers/rig/guard.py": ("socket",),
    "mock_servers/rig/serving.py": ("socket",),
    "mock_servers/rig/transport.py": ("requests", "urllib3", "socket"),
    "mock_servers/rig/mounting.py": ("flask",),
    "mock_servers/rig/yaml_text.py": ("yaml",),
    # The words of an app's definition are Zapier's own, so the rules about Zaps speak them.
    "mock_servers/zapier/coercion.py": ("connector.definition",),
    "mock_servers/zapier/zaps.py": ("connector.definition",),
    "mock_servers/zapier/runs.py": ("connector.errors",),
    "mock_servers/zapier/payloads.py": ("connector.definition", "mock_servers.zapier.editor"),
    "mock_servers/zapier/equipment.py": ("connector.definition",),
    "mock_servers/zapier/connections.py": ("connector.definition", "connector.errors"),
    "mock_servers/zapier/caller.py": ("connector.definition",),
    "mock_servers/zapier/editor.py": ("connector.definition", "connector.errors"),
    "mock_servers/zapier/intake.py": ("connector.definition", "connector.errors"),
}
"""What single files may import beyond their layer."""

WATCHED = ("sqlite3", "random", "secrets", "socket", "http.client", "urllib.request", "asyncio", "subprocess")
"""Parts of the standard library that only those may import whose layer names them."""

ONLY_IN = {
    "time.time": "mock_servers/rig/clock.py",
    "time.time_ns": "mock_servers/rig/clock.py",
    "time.monotonic": "mock_servers/rig/clock.py",
    "time.perf_counter": "mock_servers/rig/clock.py",
    "time.sleep": "",
    "datetime.datetime.now": "mock_servers/rig/clock.py",
    "datetime.datetime.utcnow": "mock_servers/rig/clock.py",
    "datetime.datetime.today": "mock_servers/rig/clock.py",
    "datetime.date.today": "mock_servers/rig/clock.py",
    "uuid.uuid1": "mock_servers/rig/ids.py",
    "uuid.uuid4": "mock_servers/rig/ids.py",
    "os.urandom": "mock_servers/rig/ids.py",
    "os.environ": "mock_servers/config.py",
    "os.getenv": "mock_servers/config.py",
    "sqlite3.connect": "mock_servers/rig/database.py",
    "mock_servers.rig.database.Database()": "mock_servers/stack.py",
    "mock_servers.rig.clock.Clock()": "mock_servers/stack.py",
    "mock_servers.rig.ids.IdSource()": "mock_servers/stack.py",
}
"""Each appears in one file (or, where it is empty, in none); `()` means that it is called."""


def layer_of(path: str) -> str | None:
    """`rig`, `zapier: rules`, ...; None for a file that has no place in the table."""
    parts = path.removesuffix(".py").split("/")
    match parts:
        case ["connector", *_]:
            return "connector"
        case ["mock_servers", "__init__"] | ["mock_servers", "harness", "__init__"]:
            return "root"
        case ["mock_servers", ("stack" | "served" | "outside" | "config" | "studio" | "pytest_plugin") as name]:
            return name
        case ["mock_servers", ("rig" | "ui" | "cli") as name, _] | [
            "mock_servers",
            "harness",
            ("cassettes" | "contract" | "scenarios") as name,
            _,
        ]:
            return name
        case ["mock_servers", "zapier", "apps", _]:
            return "zapier: apps"
        case ["mock_servers", service, name] if service in SERVICES:
            parts_here = PARTS | PARTS_OF.get(service, {})
            return f"{service}: {parts_here.get(name.partition('_v')[0], 'rules')}"
    return None


@dataclass(frozen=True)
class Import:
    """One name that a module takes from elsewhere. `is_late` inside a function, `is_type` for annotations only."""

    module: str
    line: int
    is_late: bool
    is_type: bool
    is_relative: bool


class Module:
    """One file's imports and the dotted names it uses."""

    def __init__(self, root: Path, file: Path):
        self.path = file.relative_to(root).as_posix()
        self.tree = ast.parse(file.read_text(encoding="utf-8"))
        self._package = file.relative_to(root).parent.parts
        self._root = root
        self._names: dict[str, str] = {}
        self.imports = list(self._read(self.tree, is_late=False, is_type=False))

    def _read(self, node: ast.AST, *, is_late: bool, is_type: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            late = is_late or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            only_type = is_type or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test))
            if isinstance(child, ast.Import):
                for name in child.names:
                    self._names[name.asname or name.name.partition(".")[0]] = (
                        name.name if name.asname else name.name.partition(".")[0]
                    )
                    yield Import(name.name, child.lineno, late, only_type, is_relative=False)
            elif isinstance(child, ast.ImportFrom):
                yield from self._read_from(child, late=late, only_type=only_type)
            yield from self._read(child, is_late=late, is_type=only_type)

    def _read_from(self, node: ast.ImportFrom, *, late: bool, only_type: bool) -> Iterator[Import]:
        base = self._package[: len(self._package) - node.level + 1] if node.level else ()
        module = ".".join([*base, *([node.module] if node.module else [])])
        for name in node.names:
            full = f"{module}.{name.name}"
            self._names[name.asname or name.name] = full
            inside = self._root / full.replace(".", "/")
            is_module = inside.is_dir() or inside.with_suffix(".py").exists()
            yield Import(full if is_module else module, node.lineno, late, only_type, is_relative=node.level > 0)

    def uses(self) -> Iterator[tuple[str, int]]:
        """Every dotted name as `(name, line)`, and again with `()` where it is called."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and (called := self._resolve(node.func)):
                yield f"{called}()", node.lineno
            if isinstance(node, ast.Attribute | ast.Name) and (used := self._resolve(node)):
                yield used, node.lineno

    def _resolve(self, node: ast.AST) -> str | None:
        if isinstance(node, ast.Name):
            return self._names.get(node.id)
        if isinstance(node, ast.Attribute) and (base := self._resolve(node.value)):
            return f"{base}.{node.attr}"
        return None


def modules(root: Path) -> list[Module]:
    """Every Python file of the two packages."""
    files = [file for package in ("connector", "mock_servers") for file in sorted((root / package).rglob("*.py"))]
    return [Module(root, file) for file in files]


def find_breaks(root: Path) -> list[str]:
    """Everything in the tree that the table forbids, as `path:line: what`."""
    return [problem for module in modules(root) for problem in _breaks_in(module)]


def _breaks_in(module: Module) -> Iterator[str]:
    layer = layer_of(module.path)
    if layer is None:
        yield f"{module.path}:1: has no layer; give it a place in the table"
        return
    for each in module.imports:
        if (reason := _find_refusal(module, layer, each)) is not None:
            yield f"{module.path}:{each.line}: {layer} may not import {each.module}{reason}"
    for name, line in module.uses():
        if name in ONLY_IN and module.path != ONLY_IN[name]:
            yield f"{module.path}:{line}: {name} belongs only in {ONLY_IN[name] or 'no file at all'}"


def _find_refusal(module: Module, layer: str, each: Import) -> str | None:
    service, _, part = layer.rpartition(": ")
    allowed = SERVICE_LAYERS[part] if service else LAYERS[layer]
    package = module.path.partition("/")[0]
    if not each.is_relative and is_in(each.module, (package,)):
        return ": inside a package imports are relative"
    if each.is_type:
        return _crosses(service or layer, each.module)
    if is_in(each.module, (*allowed.ours, *allowed.outside, *MORE.get(module.path, ()))):
        return None
    if each.is_late and is_in(each.module, allowed.late):
        return None
    if is_in(each.module, ("connector", "mock_servers")):
        target = layer_of(each.module.replace(".", "/"))
        return None if target in {f"{service}: {own}" for own in allowed.own} and service else ""
    top = each.module.partition(".")[0]
    return None if top in sys.stdlib_module_names and not is_in(each.module, WATCHED) else ""


def _crosses(place: str, target: str) -> str | None:
    """Types alone are free, but not across a border: a name of another service is knowledge of it."""
    others = [f"mock_servers.{service}" for service in SERVICES if service != place]
    borders = {"connector": ["mock_servers"], "rig": [*others, "connector"]}
    foreign = borders.get(place, others if place in SERVICES else [])
    return ", not even for its types" if is_in(target, tuple(foreign)) else None


def is_in(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)
