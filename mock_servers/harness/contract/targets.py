"""A server that is to be asked, as schemathesis wants it: its document, its settings, its way in."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from schemathesis import Case, Config
    from schemathesis.schemas import BaseSchema

Adjust = Callable[["Case[Any]"], None]

PHASES = ("examples", "coverage", "fuzzing", "stateful")
"""The document's examples, the edges of every schema, chance, and walks along the links."""

OF_SOCKETS = frozenset({"max_redirects", "verify", "cert", "proxies", "timeout"})


def as_they_are(schema: "BaseSchema") -> "Adjust":
    """Leave the cases as they were made."""

    def adjust(case: "Case[Any]") -> None:
        pass

    return adjust


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server in this process (`app`, WSGI) or at an address (`url`), with what opens an account there."""

    name: str
    document: Path
    """What it must follow."""
    app: Any = None
    url: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Credentials by the names that the settings have for them, such as `CLEVERTAP_PASSCODE`."""
    prepare: "Callable[[BaseSchema], Adjust]" = as_they_are
    """Asks the server for what its cases need, and returns what changes each of them just before it is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A `schemathesis.toml`, and what differs from it this time; None means as the file says."""

    file: Path
    seed: int | None = None
    max_examples: int | None = None
    phases: Sequence[str] = PHASES


def load_schema(target: Target, settings: Settings) -> "BaseSchema":
    """The document, ready to be worked with this server. Raises schemathesis's errors if it cannot be read."""
    import schemathesis

    loaded = schemathesis.openapi.from_path(target.document, config=_config(target, settings))
    return loaded if target.app is None else _in_process(loaded, target.app)


def adjust_cases(schema: "BaseSchema", adjust: Adjust) -> Callable[..., None]:
    """Have `adjust` see every case of this document before it is sent. Returns the hook, for taking it off again.

    schemathesis knows this hook for all documents at once only, so it looks whose case it is.
    """
    import schemathesis

    def before_call(context: Any, case: "Case[Any]", kwargs: dict[str, Any]) -> None:
        if case.operation.schema.raw_schema is schema.raw_schema:
            adjust(case)

    schemathesis.hook(before_call)
    return before_call


def _config(target: Target, settings: Settings) -> "Config":
    """The file's settings, for one server. What the file takes from a shell, the target brings along."""
    import schemathesis

    read = tomllib.loads(settings.file.read_text(encoding="utf-8"))
    read.pop("hooks", None)
    read["project"] = [filled for project in read.get("project", []) if (filled := _fill(project, target)) is not None]
    if target.url is not None:
        read["base-url"] = target.url  # never one of the document's, which may be the real service
    if settings.seed is not None:
        read["seed"] = settings.seed
    if settings.max_examples is not None:
        read.setdefault("generation", {})["max-examples"] = settings.max_examples
    for phase in PHASES:
        read.setdefault("phases", {}).setdefault(phase, {})["enabled"] = phase in settings.phases
    return schemathesis.Config.from_dict(read, base_dir=str(settings.file.parent))


def _fill(project: Mapping[str, Any], target: Target) -> dict[str, Any] | None:
    """The settings for one document with the target's values in it; None if it wants values of another server."""
    try:
        headers = {name: Template(text).substitute(target.variables) for name, text in project["headers"].items()}
    except KeyError:
        return None
    return {**{name: value for name, value in project.items() if name != "base-url"}, "headers": headers}


def _in_process(loaded: "BaseSchema", app: Any) -> "BaseSchema":
    """The same document with a way into a WSGI app that does not mind settings of sockets.

    When schemathesis asks again without credentials, its engine hands these to the way into a WSGI app, too, which
    takes them for a mistake. Seen with 4.32.
    """
    from schemathesis.specs.openapi.schemas import OpenApiSchema
    from schemathesis.transport.wsgi import WSGI_TRANSPORT

    class InProcess:
        """schemathesis's own way in, but for the settings of sockets."""

        def send(self, case: Any, **given: Any) -> Any:
            kept = {name: value for name, value in given.items() if name not in OF_SOCKETS}
            return WSGI_TRANSPORT.send(case, **kept)

        def __getattr__(self, name: str) -> Any:
            return getattr(WSGI_TRANSPORT, name)

    way_in: Any = InProcess()

    class InProcessSchema(OpenApiSchema):
        @property
        def transport(self) -> Any:
            return way_in

    return InProcessSchema(loaded.raw_schema, config=loaded.config, location="/", filter_set=loaded.filter_set, app=app)
