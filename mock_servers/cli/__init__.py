"""The command `zaprig`. Each group of verbs has a file of its own and is imported only when it is used."""

import importlib
from collections.abc import Sequence
from pathlib import Path

import click

VERBS = {
    "up": ("up", "Serve the three servers until you stop them."),
    "demo": ("demo", "Play CleverTap's guide from the first step to the last, and check what arrived."),
    "connect": ("connect", "Connect a Pipedrive or CleverTap account to the local Zapier."),
    "record": ("record", "Record cassettes of what the connector asks, from the rig or the real service."),
    "serve-cassette": ("serve_cassette", "Answer on a port from a cassette."),
    "record-proxy": ("serve_cassette", "Record what any client sends through a port to one target."),
    "contract": ("contract", "Check servers against their OpenAPI documents."),
    "zap": ("zap", "Make, test, publish and watch Zaps."),
}
"""Verb to its module and its line in `--help`, so that listing them imports none of them."""


class _LazyGroup(click.Group):
    def list_commands(self, _: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        module = importlib.import_module(f".{VERBS[name][0]}", __name__)
        command: click.Command = getattr(module, name.replace("-", "_"), None) or module.command
        return command

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help) for name, (_, help) in VERBS.items()])


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zaprig", prog_name="zaprig")
def cli() -> None:
    """Test the Zaps that connect Pipedrive to CleverTap, on this machine, with no account anywhere.

    \b
    First steps:
      zaprig demo                     see the whole flow once
      zaprig up --json > rig.json &   serve Pipedrive, CleverTap and a local Zapier
      zaprig connect pipedrive --from rig.json
      zaprig connect clevertap --from rig.json
      zaprig zap create fixtures/zaps/new_deal_to_profile.yaml
      zaprig zap publish 1
    """  # noqa: D301 - \b is click's mark for "leave these lines as they are"


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    _check_neighbours()
    cli.main(args=None if arguments is None else list(arguments), prog_name="zaprig")


def _check_neighbours() -> None:
    """`connector` and `mock_servers` are common names: make sure that the two we got belong together."""
    import connector

    here, there = Path(__file__).parents[2], Path(connector.__file__ or "").parents[1]
    if here != there:
        message = (
            f"zaprig needs its own package `connector`, in {here}, but Python finds another one in {there}."
            " Start zaprig from another folder, or take that one off PYTHONPATH."
        )
        raise SystemExit(message)
