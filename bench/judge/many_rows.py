"""A very large honest file through `assay check`: its time, and its resident memory as rows go by."""

import json
import subprocess
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from assay_judge.layout import Missing, Report, Table, progress

from .assay_cli import ENVIRONMENT, PROGRAM
from .honest_rows import honest_files

EVERY_SECONDS = 1.0
SHOWN = 10


def write_rows(path: Path, data: Path, count: int) -> None:
    """Conversations with tool calls, again and again, each with a number of its own: none is a repetition."""
    honest = honest_files(data)["foundry-samples, tool calls"]
    with path.open("w") as file:
        for number, messages in enumerate(islice(cycle(honest), count)):
            first, *rest = messages
            marked = [{**first, "content": f"Note {number}. {first['content']}"}, *rest]
            file.write(json.dumps({"messages": marked}) + "\n")


def resident_megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmRSS"))


def many_rows(data: Path, count: int, report: Report) -> None:
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        path = Path(folder) / "rows.jsonl"
        write_rows(path, data, count)
        size = path.stat().st_size / 1e6
        progress(f"checking {count:,} rows, {size:,.0f} MB")
        started, seen = time.monotonic(), []
        with (Path(folder) / "out.json").open("w") as out:
            process = subprocess.Popen([*PROGRAM, "check", "--format", "json", str(path)], stdout=out, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
            while process.poll() is None:
                time.sleep(EVERY_SECONDS)
                try:
                    seen.append((time.monotonic() - started, resident_megabytes(process.pid)))
                except (OSError, StopIteration):
                    break
            code = process.wait()
        seconds = time.monotonic() - started
        said = json.loads((Path(folder) / "out.json").read_text() or "{}")
    if code not in (0, 1) or not said or not seen:
        raise Missing(f"`assay check` ended with {code}")
    report.must(code == 0, "a very large honest file passes")
    rows = (said.get("files") or [said])[0]["rows"]
    steps = [seen[round(at * (len(seen) - 1) / (SHOWN - 1))] for at in range(SHOWN)]
    report.add(Table(
        f"{rows:,} distinct conversations with tool calls, {size:,.0f} MB, in {seconds:,.0f} s: {rows / seconds:,.0f} rows a second (exit code {code})",
        ["after seconds", "resident MB"], [[round(at), round(memory)] for at, memory in steps],
        [f"Highest {max(memory for _, memory in seen):,.0f} MB."],
    ))  # fmt: skip
