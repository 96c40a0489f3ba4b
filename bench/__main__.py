"""`python -m bench`: every comparison, as a table."""

import compileall
from pathlib import Path

from rich.console import Console
from rich.table import Table

from . import fresh_stack, startup, uploads

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Compile, compare, print."""
    for package in ("connector", "mock_servers", "bench"):
        compileall.compile_dir(ROOT / package, quiet=1)
    table = Table(title="Medians of one interleaved run", title_justify="left")
    for column in ("ours", "plain", "ratio", "aim"):
        table.add_column(column, justify="right" if column in ("ratio", "aim") else "left")
    for compare in (startup.compare, fresh_stack.compare, uploads.compare, uploads.compare_judging):
        found = compare()
        table.add_row(
            f"{found.ours}\n{found.our_seconds * 1000:.1f} ms",
            f"{found.plain}\n{found.plain_seconds * 1000:.1f} ms",
            f"{found.ratio:.2f}",
            found.aim_in_words,
        )
    Console().print(table)


if __name__ == "__main__":
    main()
