"""An honest training file as it is: `assay check`, screen and all, beside a BERT-base classifier of Detoxify's shape that reads the
replies alone, in torch, as its users run it. In seconds of processor time, as one side uses two cores and the other one.
"""

import resource
import statistics
import time
from pathlib import Path

from assay_judge.layout import Report, Table, progress

from .assay_cli import ROOT, check
from .honest_rows import honest_files
from .speed import bert_base

TEXTS, BATCH, MOST_TOKENS, ROUNDS = 96, 8, 512, 2
"""Of each file so many replies are read by the slow side, in batches as they come, cut where the model ends."""


FASTER = 50


def processor_seconds(rows: list[list[dict]]) -> float:
    """Of one `assay check`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    check(rows, "processor time")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def whole_files(data: Path, report: Report) -> None:
    import torch
    from tokenizers import Tokenizer

    torch.set_num_threads(1)
    model = bert_base()
    tokenizer = Tokenizer.from_file(str(ROOT / "weights/judge/tokenizer.json"))
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.enable_padding()

    def in_torch(texts: list[str]) -> float:
        """Processor seconds a text."""
        started = time.process_time()
        for at in range(0, len(texts), BATCH):
            found = tokenizer.encode_batch(texts[at : at + BATCH])
            ids, mask = torch.tensor([each.ids for each in found]), torch.tensor([each.attention_mask for each in found])
            with torch.no_grad():
                torch.sigmoid(model(input_ids=ids, attention_mask=mask).logits).numpy()
        return (time.process_time() - started) / len(texts)

    lines, best = [], 0.0
    for name, rows in honest_files(data).items():
        replies = [text for messages in rows if (text := messages[-1].get("content"))]
        if len(replies) < TEXTS:
            continue
        sample = replies[:: len(replies) // TEXTS][:TEXTS]
        ours, theirs = [], []
        for number in range(ROUNDS):
            progress(f"{name}: round {number + 1} of {ROUNDS}")
            theirs.append(in_torch(sample))
            ours.append((processor_seconds(rows) - processor_seconds(rows[:1])) / len(rows))
        ratios = [slow / fast for slow, fast in zip(theirs, ours, strict=True)]
        best = max(best, statistics.median(ratios))
        lines.append([
            name, len(rows), 1000 * statistics.median(ours), 1000 * statistics.median(theirs),
            f"{statistics.median(ratios):.1f} ({min(ratios):.1f}–{max(ratios):.1f})",
        ])  # fmt: skip
    report.must(best >= FASTER, f"on an honest file screen and encoder together are {FASTER} times as fast as BERT-base in torch")
    report.add(Table(
        f"Honest files whole, processor time, {ROUNDS} rounds in turn",
        ["file", "rows", "assay check, ms a row", "BERT-base in torch, ms a reply", "ours is so many times faster"],
        lines,
        ["Ours reads requests too, and reads and checks the file; without its start, which a file of one row shows. The aim is 50 times on an honest file."],
    ))  # fmt: skip
