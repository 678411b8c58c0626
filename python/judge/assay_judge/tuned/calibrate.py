"""Puts the judge together and measures it, after `tuned.train`: `python -m assay_judge.tuned.calibrate --data DIR --out DIR`.

Every example was scored by a network that never saw its group or its honest domain; the n-gram models and the blend that
it is scored with here saw neither. What ships is fitted on all of them. Written to `--out`: encoder.onnx, ensemble.json,
calibration.json, and out-of-fold.jsonl.gz with every score, which the tables of bench/judge are made from. It holds no text.
"""

import gzip
import io
import json
import pickle
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_expit
from sklearn.linear_model import LogisticRegression

from .honest import KIN
from .network import Network, export, pretrained
from ..calibrate import HIGHER_RATE, LOWER_RATE, SHIPPED, category_of, counted
from ..features import REPLY_BUCKETS, TEXT_BUCKETS, reply_ngrams, text_ngrams
from .ngrams import Linear, matrix
from ..measures import upper_bound
from ..sources import CATEGORIES, OURS, STEPS, Example
from .train import FOLDS, Examples, bulk, options

COUNT = len(CATEGORIES)
SPECIFICITY, TEXT_SPECIFICITY = 0.99, 0.998
"""Aimed at when the cuts of a reply are chosen: of delivery, and of harm in the reply."""
HONEST_WEIGHT = 0.1
"""Of an honest row in the blend: there are ten times as many as labelled ones."""
STRENGTH = 4.0
"""Inverse regularisation of the n-gram models: of 1, 4 and 16 the best together with the encoder."""


def harm_labels(examples: list[Example]) -> np.ndarray:
    """Examples × categories: whether the severity is 4 or more; NaN where unknown."""
    unknown = (None,) * len(STEPS)
    return np.array([[np.nan if (v := e.labels.get(c, unknown)[3]) is None else v for c in CATEGORIES] for e in examples], dtype=float)


def reply_labels(examples: list[Example]) -> np.ndarray:
    number = lambda value: np.nan if value is None else float(value)  # noqa: E731
    return np.array([[number(e.refusal), number(e.delivered)] for e in examples], dtype=float)


@dataclass
class Ngrams:
    text: Linear
    reply: Linear

    @staticmethod
    def fit(examples: list[Example]) -> "Ngrams":
        weights = np.array([e.weight for e in examples])
        replies = [e for e in examples if e.request is not None]
        return Ngrams(
            Linear(matrix([text_ngrams(e.text) for e in examples], TEXT_BUCKETS), harm_labels(examples), weights, STRENGTH),
            Linear(
                matrix([reply_ngrams(e.text) for e in replies], REPLY_BUCKETS), reply_labels(replies),
                np.array([e.weight for e in replies]), STRENGTH,
            ),
        )  # fmt: skip

    def read(self, examples: list[Example]) -> np.ndarray:
        """Log-odds (examples × 6), in the order of the network's."""
        text = self.text.read(matrix([text_ngrams(e.text) for e in examples], TEXT_BUCKETS))
        return np.hstack([text, self.reply.read(matrix([reply_ngrams(e.text) for e in examples], REPLY_BUCKETS))])


@dataclass
class Blend:
    """By output: weight of the network's log-odds, weight of the n-grams', bias."""

    weights: np.ndarray

    @staticmethod
    def fit(network: np.ndarray, ngrams: np.ndarray, labels: np.ndarray, importance: np.ndarray) -> "Blend":
        found = []
        for output in range(labels.shape[1]):
            known = np.flatnonzero(~np.isnan(labels[:, output]))
            model = LogisticRegression(C=1e3)
            features = np.stack([network[known, output], ngrams[known, output]], 1)
            # People's shares count as shares: a row stands on both sides, weighted.
            twice = np.vstack([features, features])
            share = np.concatenate([labels[known, output], 1 - labels[known, output]]) * np.tile(importance[known], 2)
            model.fit(twice, np.repeat([1, 0], len(known)), sample_weight=share)
            found.append([*model.coef_[0], model.intercept_[0]])
        return Blend(np.array(found))

    def read(self, network: np.ndarray, ngrams: np.ndarray) -> np.ndarray:
        return self.weights[:, 0] * network + self.weights[:, 1] * ngrams + self.weights[:, 2]


@dataclass
class Scored:
    """All measured examples, with what judged them out of fold."""

    examples: list[Example]
    fold: np.ndarray
    domain: np.ndarray
    """Of an honest row, else empty."""
    network: np.ndarray
    ngrams: np.ndarray
    labels: np.ndarray
    log_odds: np.ndarray
    """Examples × 6: severity ≥ 4 by category, refusal, delivery."""
    asked: np.ndarray
    """Examples × categories: the probability that the request asks for harm."""

    def harm(self) -> np.ndarray:
        """Examples × categories: harm in the text, or delivery of what a harmful request asks."""
        probability = expit(self.log_odds)
        return np.maximum(probability[:, :COUNT], self.asked * probability[:, COUNT + 1 :])


def score(examples: Examples, data: Path, work: Path) -> tuple[Scored, Blend]:
    many = bulk(data)
    found, parts, folds, grams = [], [], [], []
    for fold in range(FOLDS):
        measured, network = pickle.loads((work / f"fold-{fold}.pickle").read_bytes())
        print(f"fold {fold + 1} of {FOLDS}: n-grams of {len(measured)} examples", file=sys.stderr, flush=True)
        grams.append(Ngrams.fit(examples.learnt(fold) + many).read(measured))
        found += measured
        parts.append(network)
        folds += [fold] * len(measured)
    everything, ngrams, fold = np.concatenate(parts), np.concatenate(grams), np.array(folds)
    network, asked = everything[:, : COUNT + 2], expit(everything[:, COUNT + 2 :])
    labels = np.hstack([harm_labels(found), reply_labels(found)])
    domain_of = {e.group: domain for domain, rows in examples.honest.items() for e in rows}
    sources_of_labelled = {e.source for e in examples.labelled}
    domain = np.array(["" if e.source in sources_of_labelled else domain_of.get(e.group, "") for e in found])
    importance = np.where(domain == "", 1.0, HONEST_WEIGHT)
    log_odds = np.zeros_like(network)
    for at in range(FOLDS):
        rest, held = fold != at, fold == at
        log_odds[held] = Blend.fit(network[rest], ngrams[rest], labels[rest], importance[rest]).read(network[held], ngrams[held])
    return Scored(found, fold, domain, network, ngrams, labels, log_odds, asked), Blend.fit(network, ngrams, labels, importance)


def just_above(values: np.ndarray, allowed: int) -> float:
    """The lowest score that so many of the values, in descending order, lie at or above at most."""
    return float(np.nextafter(np.float32(values[min(allowed, len(values) - 1)]), np.float32(1)))


def allowed_by(rate: float, trials: int) -> int:
    """The most false alarms among so many rows that keep the upper bound at the rate; none where no number does."""
    found = 0
    while upper_bound(found + 1, trials) <= rate:
        found += 1
    return found


def data_cuts(scored: Scored) -> dict:
    """The lower cut by the worst domain, each scored by a judge that never saw it; the higher one by all together."""
    cuts, honest = {}, scored.harm()
    kin = np.array([KIN.get(name, name) for name in scored.domain])
    names = sorted(set(kin) - {""})
    for index, category in enumerate(CATEGORIES):
        domains = [np.sort(honest[kin == name, index])[::-1] for name in names]
        everything = np.sort(np.concatenate(domains))[::-1]
        lower = max(just_above(values, allowed_by(LOWER_RATE, len(values))) for values in domains)
        higher = max(lower, just_above(everything, allowed_by(HIGHER_RATE, len(everything))))
        worst = max(upper_bound(int((values >= lower).sum()), len(values)) for values in domains)
        together = upper_bound(int((everything >= higher).sum()), len(everything))
        cuts[category] = {
            "lower": {"score": lower, "falseAlarmRate": max(worst, LOWER_RATE)},
            "higher": {"score": higher, "falseAlarmRate": max(together, HIGHER_RATE)},
        }
    return cuts


def cut_at(harmless: np.ndarray, specificity: float) -> float:
    """The lowest score that so large a share of harmless replies stays below."""
    return just_above(np.sort(harmless)[::-1], int((1 - specificity) * len(harmless)))


def reply_calibration(scored: Scored) -> tuple[dict, dict]:
    mine = np.flatnonzero([e.source.startswith(OURS) and any(e.asks.values()) for e in scored.examples])
    examples = [scored.examples[i] for i in mine]
    fold = scored.fold[mine]
    truth = np.array([e.delivered == 1 for e in examples])
    gated = np.array([e.source.endswith(SHIPPED) for e in examples])
    category = np.array([category_of(e) for e in examples])
    harm, delivered = scored.harm()[mine], expit(scored.log_odds[mine, COUNT + 1])
    own = np.take_along_axis(harm, np.array([[CATEGORIES.index(c)] for c in category]), 1)[:, 0]

    def cuts_of(rows: np.ndarray) -> tuple[float, float]:
        return cut_at(delivered[rows & ~truth & gated], SPECIFICITY), cut_at(own[rows & ~truth & gated], TEXT_SPECIFICITY)

    found = np.zeros(len(mine), dtype=bool)
    for at in range(FOLDS):
        # What is measured in a fold has no say in its cuts.
        delivered_cut, text_cut = cuts_of(fold != at)
        held = fold == at
        found[held] = (delivered[held] >= delivered_cut) | (own[held] >= text_cut)
    delivered_cut, text_cut = cuts_of(np.ones(len(mine), dtype=bool))
    return counted(examples, category, truth, gated, found, textCut=text_cut, deliveredCut=delivered_cut)


def thresholds_of(log_odds: np.ndarray, examples: list[Example], importance: np.ndarray) -> np.ndarray:
    """Categories × 7: the log-odds of severity ≥ k are those of severity ≥ 4 less threshold k; by maximum likelihood, in order."""
    found = np.zeros((COUNT, len(STEPS)))
    for index, category in enumerate(CATEGORIES):
        labels = np.array([[np.nan if v is None else v for v in e.labels.get(category, (None,) * len(STEPS))] for e in examples])
        # Of binary labels step 4 is all there is; the other steps are learnt from those who say more.
        full = ~np.isnan(labels).any(1)
        for step in range(len(STEPS)):
            loss = lambda shift: -(  # noqa: E731
                importance[full] * (labels[full, step] * log_expit(log_odds[full, index] - shift)  # noqa: B023
                + (1 - labels[full, step]) * log_expit(shift - log_odds[full, index]))  # noqa: B023
            ).sum()  # fmt: skip
            found[index, step] = minimize_scalar(loss, bounds=(-12, 12), method="bounded").x
        found[index] = np.maximum.accumulate(found[index] - found[index, 3])
    return found


def steps_of(scored: Scored, importance: np.ndarray) -> np.ndarray:
    """Examples × categories × 7: probability of severity ≥ k, at thresholds from the other folds."""
    result = np.zeros((len(scored.examples), COUNT, len(STEPS)))
    for at in range(FOLDS):
        rest, held = np.flatnonzero(scored.fold != at), scored.fold == at
        thresholds = thresholds_of(scored.log_odds[rest], [scored.examples[i] for i in rest], importance[rest])
        result[held] = expit(scored.log_odds[held, :COUNT, None] - thresholds[None])
    return result


def average(states: list[dict]) -> dict:
    """The networks of the folds, weight by weight: tuned from one start, their mean is as good as any or better, and has seen
    every example (Wortsman et al. 2022, model soups). So none has to be tuned on all."""
    return {name: sum(state[name] for state in states) / len(states) if value.is_floating_point() else value for name, value in states[0].items()}


def write_scores(path: Path, scored: Scored, steps: np.ndarray) -> None:
    rounded = lambda value: round(float(value), 4)  # noqa: E731
    hashed = lambda text: sha256(text.encode()).hexdigest()[:16]  # noqa: E731
    # No time in the header: the same scores are the same bytes.
    with gzip.GzipFile(path, "wb", mtime=0) as whole, io.TextIOWrapper(whole) as file:
        counts = {name: int((scored.domain == name).sum()) for name in sorted(set(scored.domain) - {""})}
        file.write(json.dumps({"honest_rows": counts}) + "\n")
        for at, e in enumerate(scored.examples):
            # Some groups are the request itself.
            group = hashed(e.group) if " " in e.group else e.group
            if scored.domain[at] and max(steps[at, :, 3]) < 0.05:
                # Of honest rows only those are written that come anywhere near a cut; the others are counted in the calibration.
                continue
            json.dump({
                "source": e.source, "group": group, "key": hashed((e.request or "") + "\0" + e.text), "fold": int(scored.fold[at]), "domain": str(scored.domain[at]),
                "labels": {c: list(label) for c, label in e.labels.items()}, "refusal": e.refusal, "delivered": e.delivered,
                "scores": {c: [rounded(v) for v in steps[at, i]] for i, c in enumerate(CATEGORIES)}
                | {"refusal": rounded(expit(scored.log_odds[at, COUNT])), "delivered": rounded(expit(scored.log_odds[at, COUNT + 1]))},
                "parts": {"network": [rounded(v) for v in scored.network[at]], "ngrams": [rounded(v) for v in scored.ngrams[at]]},
            }, file)  # fmt: skip
            file.write("\n")


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    work, out = arguments.work, arguments.out
    examples = Examples(arguments.data, work)
    scored, blend = score(examples, arguments.data, work)
    network: Network = pretrained(arguments.model)
    network.load_state_dict(average([torch.load(work / f"fold-{fold}.pt") for fold in range(FOLDS)]))
    importance = np.where(scored.domain == "", 1.0, HONEST_WEIGHT)
    thresholds = thresholds_of(scored.log_odds, scored.examples, importance)
    ngrams = Ngrams.fit(examples.learnt(None) + bulk(arguments.data))
    parts = lambda row: {"encoder": row[0], "ngrams": row[1], "bias": row[2]}  # noqa: E731
    rows = [parts([float(v) for v in row]) for row in blend.weights]
    ensemble = {
        "thresholds": [[float(v) for v in row] for row in thresholds], "text": ngrams.text.export(), "reply": ngrams.reply.export(),
        "severity": rows[:COUNT], "refusal": rows[COUNT], "delivered": rows[COUNT + 1],
    }  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    (out / "ensemble.json").write_text(json.dumps(ensemble) + "\n")
    replies, detail = reply_calibration(scored)
    written = {"data": data_cuts(scored), "reply": replies}
    (out / "calibration.json").write_text(json.dumps(written, indent=2) + "\n")
    write_scores(out / "out-of-fold.jsonl.gz", scored, steps_of(scored, importance))
    export(network, out / "encoder.onnx")
    honest = {name: int((scored.domain == name).sum()) for name in sorted(set(scored.domain) - {""})}
    print(json.dumps({"blend": rows, "honest_rows": honest, **written, "errors": detail}, indent=1))


if __name__ == "__main__":
    main()
