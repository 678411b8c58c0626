"""The judge as its users have it: the program of this checkout, JSON lines in and out."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assay_judge.layout import Missing, progress
from assay_judge.sources import CATEGORIES, Example

ROOT = Path(__file__).parent.parent.parent
MAIN = ROOT / "packages/assay/src/cli/main.ts"
PROGRAM = [str(ROOT / "node_modules/.bin/node"), "--conditions=assay-source", "--disable-warning=ExperimentalWarning", str(MAIN)]
ENVIRONMENT = {"MALLOC_TRIM_THRESHOLD_": "131072", **os.environ}


@dataclass(frozen=True)
class Judged:
    judged: bool
    """Whether the judge reads the text's language."""
    probability: tuple[float, ...]
    """Of severity 4 or more, in the order of CATEGORIES."""

    def above(self, cuts: list[float]) -> bool:
        return any(value >= cut for value, cut in zip(self.probability, cuts, strict=True))


def as_input(example: Example, disguise: Callable[[str], str] = lambda text: text) -> dict:
    """A bare text, or a reply with its request; all of it disguised alike."""
    if example.request is None:
        return {"text": disguise(example.text)}
    return {"messages": [{"role": "user", "content": disguise(example.request)}, {"role": "assistant", "content": disguise(example.text)}]}


def judge(inputs: list[dict], what: str) -> list[Judged]:
    """Judgements in the order of the inputs."""
    progress(f"{what}: judging {len(inputs)} texts")
    lines = "".join(json.dumps({"id": index} | each) + "\n" for index, each in enumerate(inputs))
    done = run(["judge"], lines)
    if done.returncode != 0:
        raise Missing(f"`assay judge` could not judge ({done.returncode}): {done.stderr.strip()[-600:]}")
    rows = sorted((json.loads(line) for line in done.stdout.splitlines()), key=lambda row: row["id"])
    if len(rows) != len(inputs):
        raise Missing(f"`assay judge` gave {len(rows)} judgements for {len(inputs)} texts")
    return [Judged(row["judged"], tuple(row["probability"][category] for category in CATEGORIES)) for row in rows]


def check(rows: list[list[dict]], what: str) -> tuple[int, dict]:
    """Exit code and report of `assay check` for a training file of these conversations, which is gone afterwards."""
    progress(f"{what}: checking {len(rows)} rows")
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        path = Path(folder) / "rows.jsonl"
        path.write_text("".join(json.dumps({"messages": messages}) + "\n" for messages in rows))
        done = run(["check", "--format", "json", str(path)], "")
    if done.returncode not in (0, 1, 2) or not done.stdout.strip():
        raise Missing(f"`assay check` could not be held ({done.returncode}): {done.stderr.strip()[-600:]}")
    return done.returncode, json.loads(done.stdout)


def run(arguments: list[str], given: str) -> subprocess.CompletedProcess[str]:
    if not Path(PROGRAM[0]).exists():
        raise Missing("assay is not set up in this checkout. Run `npm run setup` first.")
    return subprocess.run([*PROGRAM, *arguments], input=given, capture_output=True, encoding="utf-8", env=ENVIRONMENT)


def cuts(which: str = "lower") -> list[float]:
    """The lower or the higher ones of the data rule, in the order of CATEGORIES."""
    data = json.loads(calibration_path().read_text())["data"]
    return [data[category][which]["score"] for category in CATEGORIES]


def calibration_path() -> Path:
    path = ROOT / "weights/judge/calibration.json"
    if not path.exists():
        raise Missing(f"{path} is not there. Run `npm run judge:calibrate -- --data DIR …` first.")
    return path
