"""`python -m bench`: every comparison, as a table."""

import compileall
from pathlib import Path

from rich.console import Console
from rich.table import Table

from . import fresh_stack, startup

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Compile, compare, print."""
    for package in ("connector", "mock_servers", "bench"):
        compileall.compile_dir(ROOT / package, quiet=1)
    table = Table(title="Medians of one interleaved run", title_justify="left")
    for column in ("ours", "plain", "ratio", "aim"):
        table.add_column(column, justify="right" if column in ("ratio", "aim") else "left")
    for benchmark in (startup, fresh_stack):
        found = benchmark.compare()
        table.add_row(
            f"{found.ours}\n{found.our_seconds * 1000:.1f} ms",
            f"{found.plain}\n{found.plain_seconds * 1000:.1f} ms",
            f"{found.ratio:.2f}",
            "-" if found.aim is None else f"{found.aim}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
