"""Tables of figures, as aligned text for a terminal and as Markdown for RESULTS.md and the card."""

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

Cell = str | int | float | None


@dataclass
class Table:
    title: str
    head: list[str]
    rows: list[list[Cell]]
    notes: list[str] = field(default_factory=list)
    drawing: str = ""
    """What stands under the table as it is: a diagram in text."""


def cell(value: Cell) -> str:
    if value is None or value != value:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 10 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else value


def as_text(table: Table) -> str:
    lines = [table.head, *[[cell(value) for value in row] for row in table.rows]]
    widths = [max(len(line[at]) for line in lines) for at in range(len(table.head))]
    # Names to the left, figures to the right.
    aligned = ["  ".join(text.rjust(width) if at else text.ljust(width) for at, (text, width) in enumerate(zip(line, widths))) for line in lines]
    rule = "─" * len(aligned[0])
    parts = [f"── {table.title}", aligned[0], rule, *aligned[1:], *[f"  {note}" for note in table.notes]]
    return "\n".join([*parts, table.drawing] if table.drawing else parts) + "\n"


def as_markdown(table: Table) -> str:
    line = lambda cells: "| " + " | ".join(text.replace("|", "\\|") for text in cells) + " |"  # noqa: E731
    parts = [f"### {table.title}", "", line(table.head), line(["---", *["--:"] * (len(table.head) - 1)])]
    parts += [line([cell(value) for value in row]) for row in table.rows]
    if table.notes:
        parts += ["", " ".join(table.notes)]
    if table.drawing:
        parts += ["", "```", table.drawing, "```"]
    return "\n".join(parts) + "\n"


class Report:
    """Prints each table when it is there, and keeps all for the Markdown file, which is written anew each time."""

    def __init__(self, markdown: Path | None, quiet: bool = False):
        self.markdown, self.quiet = markdown, quiet
        self.tables: list[Table] = []
        self.broken: list[str] = []
        """What must hold and does not."""

    def must(self, holds: bool, what: str) -> None:
        if not holds:
            self.broken.append(what)

    def add(self, table: Table) -> None:
        self.tables.append(table)
        if not self.quiet:
            print(as_text(table), flush=True)
        if self.markdown:
            self.markdown.write_text("\n".join(as_markdown(each) for each in self.tables))


STARTED = time.monotonic()


def progress(text: str) -> None:
    print(f"[{time.monotonic() - STARTED:5.0f} s] {text}", file=sys.stderr, flush=True)


class Missing(Exception):
    """Something that another command makes is not there; the message says which command."""
