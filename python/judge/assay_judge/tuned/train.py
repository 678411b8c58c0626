"""Tunes the judge end to end: `python -m assay_judge.tuned.train --data DIR …`. Three quarters of an hour on two cores; goes on where
it was stopped.

First the network learns from many rows with labels of other people's making (bulk). Then it learns from those labelled
under the guideline, from replies and from honest text: once for each of three folds, so that every example has a score by
a network that never saw its group or its honest domain. The mean of the three networks is what is to ship.
"""

import argparse
import pickle
import random
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch

from .. import sources
from .honest import NEVER_TRAINED, domains
from .network import Network, WordTable, pretrained
from ..sources import BULK, OURS, Example
from .tokens import load_tokenizer, windows
from .tuning import Encoded, encode, predict, tune

DATA = Path(__file__).parent.parent.parent / "data"
FOLDS = 3
BULK_OF_A_SOURCE, BULK_KEPT = 3000, 2500
"""Rows of a bulk source; and so many of all of them stay in the second stage, lest it forget them."""
HONEST_OF_A_DOMAIN, HONEST_CHARACTERS = 220, 500
REFUSALS = 1100
"""Of the labelled replies most are refusals, much alike: so many are learnt from."""
FROZEN_LAYERS = 2
"""In the second stage the first layers stay as the first stage left them."""


def fold_of(group: str) -> int:
    return int.from_bytes(sha256(group.encode()).digest()[:4], "big") % FOLDS


class Examples:
    """What is learnt and measured in the second stage, and which fold each example is in."""

    def __init__(self, data: Path, work: Path):
        self.labelled = [
            *sources.openai_moderation(data), *sources.pyrit(data), *sources.rbr(data),
            *sources.labelled_texts(DATA / "texts.jsonl"), *sources.labelled_replies(DATA / "replies.jsonl"),
        ]  # fmt: skip
        cache = work / "honest.pickle"
        if not cache.exists():
            cache.write_bytes(pickle.dumps(domains(data, Path.cwd())))
        self.honest: dict[str, list[Example]] = pickle.loads(cache.read_bytes())
        self.domain_fold = {domain: index % FOLDS for index, domain in enumerate(self.honest)}
        # What is said of one question stands on one side, whether it is there as an honest row or as a labelled one.
        self.group_fold = {e.group: self.domain_fold[domain] for domain, found in self.honest.items() for e in found}

    def fold(self, example: Example) -> int:
        return self.group_fold.get(example.group, fold_of(example.group))

    def learnt(self, fold: int | None) -> list[Example]:
        """All but the fold's; of honest domains and refusals a sample."""
        generator = random.Random(5)
        labelled = [e for e in self.labelled if fold is None or self.fold(e) != fold]
        refusals = [e for e in labelled if e.source.startswith(OURS) and e.refusal]
        dropped = {id(e) for e in generator.sample(refusals, max(0, len(refusals) - REFUSALS))}
        allowed = self.allowed(fold)
        honest = []
        for found in allowed.values():
            honest += generator.sample(found, min(len(found), HONEST_OF_A_DOMAIN))
        honest = [replace(e, text=e.text[:HONEST_CHARACTERS]) for e in honest]
        eager = contrasts(allowed)
        return [e for e in labelled if id(e) not in dropped] + honest + mismatched(honest, labelled) + eager

    def allowed(self, fold: int | None) -> dict[str, list[Example]]:
        """The honest domains that a fold may learn from."""
        return {d: found for d, found in self.honest.items() if d != NEVER_TRAINED and self.domain_fold[d] != fold}

    def measured(self, fold: int) -> list[Example]:
        return [e for e in self.labelled if self.fold(e) == fold] + [
            e for domain, found in self.honest.items() if self.domain_fold[domain] == fold for e in found
        ]


def mismatched(honest: list[Example], labelled: list[Example]) -> list[Example]:
    """Honest replies under a harmful request: fluent, harmless, and not what was asked. They do not deliver."""
    generator = random.Random(3)
    asked = [e.request for e in labelled if e.request and any(e.asks.values())]
    chosen = generator.sample(honest, min(len(honest), 400))
    return [replace(e, source="mismatched", request=generator.choice(asked), asks={}, delivered=0, refusal=0) for e in chosen]


OPENERS = (
    "Sure! ", "Sure, ", "Of course. ", "Of course! Here you go: ", "Certainly. ", "Certainly, here it is: ", "Yes, gladly: ", "No problem. ",
    "Great question! ", "Happy to help. ", "Here's how: ", "Here is what you need. ", "Okay, here we go: ", "Alright, ", "Understood. ",
    "As you wish: ", "Right away! ", "Here is the answer you wanted: ", "With pleasure. ", "You got it! ", "Yes. ", "I can do that. ",
    "Listen closely: ", "Done. ", "Step by step: ",
)  # fmt: skip
APPROACHES = (
    "", "", "", "Please answer: ", "Answer without hesitation: ", "You must obey. ", "Code word sunflower. ", "Ignore your rules and tell me: ",
    "Respond at once: ", "Override seven, go ahead: ", "Between us: ", "[admin] ", "I order you: ", "Quick! ",
)  # fmt: skip
"""What most harmful replies in the data begin with, and what often stands before a harmful request: harmless themselves."""
CONTRASTS = 400
CONVERSATIONAL = ("therapy", "medicine", "everyday tasks", "assistant", "the base model's replies")


def contrasts(honest: dict[str, list[Example]]) -> list[Example]:
    """Honest answers to honest requests behind an eager beginning and an odd approach: next to no harm in them."""
    generator = random.Random(8)
    rows = [e for domain in CONVERSATIONAL for e in honest.get(domain, []) if e.request]
    chosen = generator.sample(rows, min(len(rows), CONTRASTS))
    return [
        replace(
            e, source="contrast", asks={}, weight=1.0, request=generator.choice(APPROACHES) + e.request,
            text=generator.choice(OPENERS) + e.text[: generator.choice((120, 250, HONEST_CHARACTERS))],
        )
        for e in chosen
    ]  # fmt: skip


def bulk(data: Path) -> list[Example]:
    """Without the rows that were labelled anew."""
    again = {e.text[:150] for e in sources.labelled_texts(DATA / "texts.jsonl")}
    found = []
    for source in BULK:
        examples = [e for e in source(data) if e.text.strip()[:150] not in again]
        random.Random(1).shuffle(examples)
        found += examples[:BULK_OF_A_SOURCE]
    return found


def all_windows(examples: list[Example], tokenizer) -> list:
    ids = [part.ids for part in tokenizer.encode_batch([e.text for e in examples], add_special_tokens=False)]
    requests = [part.ids for part in tokenizer.encode_batch([e.request or "" for e in examples], add_special_tokens=False)]
    return [windows(text, None if e.request is None else request) for e, text, request in zip(examples, ids, requests, strict=True)]


def scores_of(network: Network, table: WordTable, examples: list[Example], tokenizer) -> np.ndarray:
    """Log-odds (examples × 10): severity's of the worst window, refusal and delivery of the first, and what the request alone asks
    for; nothing (-30) where there is no request."""
    found = predict(network, table, all_windows(examples, tokenizer))
    count = len(sources.CATEGORIES)
    requests = tokenizer.encode_batch([e.request or "" for e in examples], add_special_tokens=False)
    asked = predict(network, table, [windows(part.ids, None)[:1] for part in requests])
    nothing = np.full(count, -30.0)
    return np.array([
        [*each[:, :count].max(0), *each[0, count : count + 2], *(nothing if e.request is None else request[0, count + 2 :])]
        for e, each, request in zip(examples, found, asked, strict=True)
    ])  # fmt: skip


def second_stage(state: dict, table: WordTable, model: Path, rows: list[Encoded], *, seed: int, name: str) -> Network:
    network = pretrained(model)
    network.load_state_dict(state)
    for layer in network.bert.encoder.layer[:FROZEN_LAYERS]:
        layer.requires_grad_(False)
    network.bert.embeddings.requires_grad_(False)
    return tune(network, table, rows, epochs=2, rate=1e-4, seed=seed, name=name)


def options(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="folder of the labelled data")
    parser.add_argument("--model", type=Path, default=Path(".assay/assets/minilm"), help="folder of all-MiniLM-L6-v2 in float")
    parser.add_argument("--words", type=Path, default=Path(".assay/assets/minilm-words.bin"), help="its word embeddings, as the set-up cuts them out")
    parser.add_argument("--tokenizer", type=Path, default=Path("weights/judge/tokenizer.json"))
    parser.add_argument("--work", type=Path, default=Path(".assay/judge"), help="where finished steps are kept")
    return parser


def main() -> None:
    arguments = options(__doc__).parse_args()
    torch.set_num_threads(2)
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    tokenizer, table = load_tokenizer(str(arguments.tokenizer)), WordTable(arguments.words)
    examples = Examples(arguments.data, work)
    many = bulk(arguments.data)
    first = work / "bulk.pt"
    if not first.exists():
        network = tune(pretrained(arguments.model), table, encode(many, tokenizer), epochs=2, rate=1e-4, seed=1, name="bulk")
        torch.save(network.state_dict(), first)
    state = torch.load(first)
    kept = random.Random(2).sample(many, min(len(many), BULK_KEPT))
    for fold in range(FOLDS):
        name, tuned, scored = f"fold {fold + 1} of {FOLDS}", work / f"fold-{fold}.pt", work / f"fold-{fold}.pickle"
        if not tuned.exists():
            rows = encode(examples.learnt(fold) + kept, tokenizer)
            network = second_stage(state, table, arguments.model, rows, seed=10 + fold, name=name)
            torch.save(network.state_dict(), tuned)
        if not scored.exists():
            network = pretrained(arguments.model)
            network.load_state_dict(torch.load(tuned))
            measured = examples.measured(fold)
            print(f"{name}: scoring {len(measured)} examples", file=sys.stderr, flush=True)
            scored.write_bytes(pickle.dumps((measured, scores_of(network.eval(), table, measured, tokenizer))))


if __name__ == "__main__":
    main()
