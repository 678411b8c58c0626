"""Prints the judge's figures: `npm run bench:judge -- --data DIR`. Some 25 minutes on two cores; each part can be had alone.
Exit code: 0 all that must hold does, 1 something does not, 2 something is missing.

tables        on data that it was not trained on, from the scores of the cross-validation
obfuscation   the same texts plain and disguised, by the judge that ships
languages     which languages it judges, and how well
files         honest training files whole, and harmful rows among many
neutral       neutral sentences about groups
held-out      texts that nothing was trained on
speed         the encoder beside a BERT-base classifier, and whole honest files with the screen in front
rows          a very large honest file: its time and memory (--rows)
"""

import argparse
import sys
from pathlib import Path

from assay_judge.layout import Missing, Report
from assay_judge.scored import from_lines
from assay_judge.tables import print_tables

from .assay_cli import ROOT, calibration_path
from .files import files
from .held_out import held_out
from .languages import languages
from .many_rows import many_rows
from .neutral import neutral
from .obfuscations import obfuscations
from .speed import speed
from .whole_file import whole_files

PARTS = ("tables", "obfuscation", "languages", "files", "neutral", "held-out", "speed", "rows")
SHIPPED, UNSEEN = ROOT / "weights/judge/out-of-fold.jsonl.gz", ROOT / "weights/judge/unseen.jsonl.gz"


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="npm run bench:judge --", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the labelled data; every part needs it")
    parser.add_argument("--rows", type=int, default=100_000, help="of the part of that name: how many (default: 100,000)")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; may be given again")
    parser.add_argument("--markdown", type=Path, help="write the tables to this file too")
    return parser


def main() -> int:
    parser = options()
    arguments = parser.parse_args()
    asked = arguments.only or PARTS
    report = Report(arguments.markdown)
    parts = {
        "tables": lambda: print_tables(from_lines(SHIPPED), from_lines(UNSEEN) if UNSEEN.exists() else None, arguments.data, calibration_path(), report),
        "obfuscation": lambda: obfuscations(arguments.data, report),
        "languages": lambda: languages(arguments.data, report),
        "files": lambda: files(arguments.data, report),
        "neutral": lambda: neutral(arguments.data, report),
        "held-out": lambda: held_out(arguments.data, report),
        "speed": lambda: (speed(report), whole_files(arguments.data, report)),
        "rows": lambda: many_rows(arguments.data, arguments.rows, report),
    }
    missing = False
    for name in (part for part in PARTS if part in asked):
        try:
            parts[name]()
        except Missing as fault:
            # The other parts may still have what they need.
            print(f"{name}: {fault}", file=sys.stderr)
            missing = True
    for what in report.broken:
        print(f"Does not hold: {what}", file=sys.stderr)
    return 2 if missing else 1 if report.broken else 0


if __name__ == "__main__":
    sys.exit(main())
