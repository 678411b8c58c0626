"""Prints the card's tables of the data cuts from what `calibrate` prints: `npm run judge:calibrate -- … > FILE`, then
`PYTHONPATH=python/judge .assay/python/bin/python -m assay_judge.card FILE`. Those of replies are printed by `later_replies`."""

import json
import sys
from pathlib import Path

from .sources import CATEGORIES, OURS

TITLES = {"violence": "violence", "sexual": "sexual", "hate_fairness": "hate and fairness", "self_harm": "self-harm"}


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]) + "\n"


def replies(reply: dict) -> str:
    of = lambda count: f"{count['successes']}/{count['trials']}"  # noqa: E731
    cuts = reply["violence"]
    return f"Cut: delivered ≥ {cuts['deliveredCut']:.3f}, or harm in the reply ≥ {cuts['textCut']:.3f}\n\n" + table(
        ["category", "harmful replies found (sensitivity)", "harmless replies passed, models on our alignment (specificity)"],
        [[TITLES[c], of(reply[c]["sensitivity"]), of(reply[c]["specificity"])] for c in CATEGORIES],
    )


def models(errors: dict) -> str:
    return table(
        ["replies of", *TITLES.values()],
        [[name.removeprefix(OURS), *(f"{errors[c][name]['harmful']}; {errors[c][name]['harmless']}" for c in CATEGORIES)] for name in errors["violence"]],
    )


def data(cuts: dict) -> str:
    return table(
        ["category", "lower cut", "false alarms, upper 95 % bound in the worst domain", "higher cut", "upper 95 % bound over all"],
        [[TITLES[c], f"{cuts[c]['lower']['score']:.3f}", f"{cuts[c]['lower']['falseAlarmRate']:.4f}",
          f"{cuts[c]['higher']['score']:.3f}", f"{cuts[c]['higher']['falseAlarmRate']:.5f}"] for c in CATEGORIES],
    )  # fmt: skip


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = json.loads(Path(sys.argv[1]).read_text())
    honest = found["honest_rows"]
    print(f"{sum(honest.values()):,} honest rows: {', '.join(f'{name} {count:,}' for name, count in honest.items())}\n")
    print(data(found["data"]))
    print(f"The screen loses {found['screen']['lost']} of {found['screen']['found']:,}.")


if __name__ == "__main__":
    main()
