"""`zaprig serve-cassette` and `zaprig record-proxy`: cassettes at a port, for clients in any language."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from ..rig.clock import utc_now
from ..rig.serving import HttpServer, TakenPortError, listen
from .stopping import Stop, heed_signals, wait

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from ..harness.cassettes import Cassette

HOST = "127.0.0.1"

port_option = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8410,
    show_default=True,
    help="The port on 127.0.0.1; 0 takes a free one.",
)
secrets_option = click.option(
    "--secrets",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="A file with values that must not be in the cassette, one a line. - is stdin. What stands under a telling name"
    " (passcode, token, Authorization) is found without.",
)


class _Age(click.ParamType[timedelta]):
    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        from ..harness.cassettes.ages import read_age

        try:
            return value if isinstance(value, timedelta) else read_age(str(value))
        except ValueError as problem:
            self.fail(f"{problem}.", param, ctx)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@port_option
@secrets_option
@click.option("--fail-older-than", "oldest", type=_Age(), help="Refuse a cassette that is older, such as 30d or 12h.")
def serve_cassette(file: Path, port: int, secrets: Path | None, oldest: timedelta | None) -> None:
    """Answer on a port from the cassette FILE, until Ctrl-C.

    A request is answered if its method, path, query and body were recorded, whatever its host and headers. When all
    answers to a request were given, they begin again. A request that was not recorded is a 404 that says what differs.

    \b
      zaprig serve-cassette fixtures/cassettes/upload_event.yaml --port 8410
      curl http://127.0.0.1:8410/1/upload -H 'Content-Type: application/json' -d '{"d": [...]}'
    """  # noqa: D301 - \b is click's mark for "leave these lines as they are"
    from ..harness.cassettes.serving import PORT_MATCH, CassettePlayer

    cassette = _open(file, record_mode="none", secrets=secrets, oldest=oldest, match_on=PORT_MATCH)
    _serve(lambda: CassettePlayer(cassette, told=_tell), port, f"{len(cassette)} interactions of {file}")


@click.command()
@click.option("--to", "target", required=True, metavar="URL", help="Where every request goes, and only there.")
@click.option("--cassette", "file", type=click.Path(path_type=Path), help="The file. [default: cassettes/HOST.yaml]")
@click.option(
    "--record-mode",
    type=click.Choice(["once", "new_episodes", "all"]),
    default="once",
    show_default=True,
    help="For a file that is there: once is refused, new_episodes answers from it what it has, all asks again.",
)
@port_option
@secrets_option
def record_proxy(target: str, file: Path | None, record_mode: str, port: int, secrets: Path | None) -> None:
    """Record what any client sends through a port of this machine to one target, until Ctrl-C.

    Point the client at the port instead of the service. Every exchange is in the file before the client has its
    answer. Secrets, e-mail addresses and phone numbers are replaced in the file, and only there.

    \b
      zaprig record-proxy --to https://eu1.api.clevertap.com --port 8410
      zaprig serve-cassette cassettes/eu1.api.clevertap.com.yaml --port 8410     the same, without the service

    The target may be a real service: what the client sends is really done there.
    """  # noqa: D301 - see above
    from ..harness.cassettes.serving import RecordingProxy

    path = file or Path("cassettes") / f"{urlsplit(target).hostname}.yaml"
    if record_mode == "once" and path.exists():
        message = f"{path} is there already. Choose --record-mode new_episodes or all, or another --cassette."
        raise click.ClickException(message)
    cassette = _open(path, record_mode=record_mode, secrets=secrets)
    _serve(lambda: RecordingProxy(target, cassette, told=_tell), port, f"what goes to {target}, into {path}")


def _open(path: Path, *, secrets: Path | None, **more: Any) -> "Cassette":
    from ..harness.cassettes import Cassette, CassetteError

    try:
        return Cassette(path, now=utc_now, secrets=_read_secrets(secrets), **more)
    except (CassetteError, ValueError) as problem:
        raise click.ClickException(str(problem)) from None


def _read_secrets(file: Path | None) -> list[str]:
    if file is None:
        return []
    with click.open_file(str(file), encoding="utf-8") as lines:
        return [line.strip() for line in lines if line.strip()]


def _serve(make_app: "Callable[[], WSGIApplication]", port: int, what: str) -> None:
    try:
        app = make_app()
        heed_signals()
        with closing(listen(HOST, port)) as listener:
            server = HttpServer(app, listener)
            server.start()
            click.echo(f"http://{HOST}:{listener.getsockname()[1]} serves {what}. Press Ctrl-C to stop.")
            try:
                wait()
            finally:
                server.drain()
    except Stop:
        return
    except (TakenPortError, ValueError) as problem:
        raise click.ClickException(str(problem)) from None


def _tell(line: str) -> None:
    click.echo(line, err=True)
