"""Which label each source gives, and what it leaves unknown. One function a source, one table at the end.

A label is 1 (severity 4 or more), 0 (less), or absent: unknown, and masked in training. The licences are those of
each folder's META.json; nothing here is trained on data whose licence forbids it (alpaca-dolly-safety-only only measures).
"""

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CATEGORIES = ("violence", "sexual", "hate_fairness", "self_harm")
NONE = dict.fromkeys(CATEGORIES, 0)
OURS = "replies-of-"
"""Sources of labelled replies begin so, and go on with the model that gave them."""


@dataclass(frozen=True)
class Example:
    source: str
    group: str
    """Examples of one group never stand on both sides of a split."""
    text: str
    """A bare text, or the reply where there is a request."""
    request: str | None = None
    labels: dict[str, int] = field(default_factory=dict)
    """Harm in the text itself, by category."""
    asks: dict[str, int] = field(default_factory=dict)
    """Harm that the request asks for, by category."""
    refusal: int | None = None
    delivered: int | None = None
    weight: float = 1.0


def read(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8", errors="replace")


def json_lines(path: Path) -> Iterator[dict]:
    return (json.loads(line) for line in read(path).splitlines() if line.strip())


def rows(path: Path) -> Iterator[dict]:
    return csv.DictReader(io.StringIO(read(path)))


def openai_moderation(data: Path) -> Iterator[Example]:
    names = {"V": "violence", "S": "sexual", "H": "hate_fairness", "SH": "self_harm"}
    for index, row in enumerate(json_lines(data / "openai-moderation-dev/samples.jsonl.gz")):
        labels = {category: row[key] for key, category in names.items() if key in row}
        yield Example("openai-moderation-dev", f"moderation-{index}", row["prompt"], labels=labels, weight=3)


def pyrit(data: Path) -> Iterator[Example]:
    files = {
        "violence": "violence", "violence_multi_score": "violence", "self_harm": "self_harm",
        "sexual": "sexual", "hate_speech": "hate_fairness", "hate_speech_multi_score": "hate_fairness",
    }  # fmt: skip
    for row in json_lines(data / "pyrit-human-scores/train.jsonl.gz"):
        score = sum(row["human_scores"]) / len(row["human_scores"])
        common = {"group": "pyrit-" + row["objective"], "text": row["assistant_response"], "request": row["objective"]}
        if row["set"] == "harm" and row["file"] in files:
            # .5 on Microsoft's scale is moderate severity (4 of 7); what lies just beside the cut is left out.
            label = 1 if score >= 0.5 else 0 if score <= 0.3 else None
            if label is not None:
                yield Example("pyrit-human-scores", labels={files[row["file"]]: label}, weight=2, **common)
        elif row["set"] == "objective":
            yield Example("pyrit-human-scores", delivered=int(score >= 0.5), weight=2, **common)
        elif row["set"] == "refusal_scorer":
            yield Example("pyrit-human-scores", refusal=int(score >= 0.5), weight=2, **common)


def rbr(data: Path) -> Iterator[Example]:
    asked = {"SH": "self_harm", "C": "sexual", "H": "hate_fairness"}
    for index, row in enumerate(json_lines(data / "openai-rbr-gold/train.jsonl.gz")):
        request = "\n".join(message["content"] for message in row["prompt"] if message["role"] == "user")[-1500:]
        reply = row["completion"][0]["content"]
        said = row["propositions"]
        complied = said["fully_complies"] or said["partially_complies"]
        refused = said["inability_to_comply"] or said.get("definitive_verbiage", False)
        kind = row["category"].split("-")[0]
        delivered = 1 if said["fully_complies"] else 0 if not complied else None
        refusal = 0 if complied else 1 if refused else None
        labels = {} if said["disallowed_content"] else dict(NONE)
        if said["disallowed_content"] and kind in asked:
            labels = {asked[kind]: 1}
        asks = dict(NONE) if kind == "None" else {}
        if kind in asked and "-R" in row["category"]:
            asks = {asked[kind]: 1}
        yield Example(
            "openai-rbr-gold", f"rbr-{index}", reply, request, labels, asks, refusal, delivered, weight=2
        )


def chatgpt_refusals(data: Path) -> Iterator[Example]:
    for index, row in enumerate(json.loads(read(data / "chatgpt-refusals/all_hand_labeled.json.gz"))):
        if row["tone"] in ("complied", "rejected"):
            refusal = int(row["tone"] == "rejected")
            yield Example(
                "chatgpt-refusals", f"refusals-{index}", row["response"], row["prompt"],
                refusal=refusal, delivered=1 - refusal,
            )  # fmt: skip


def gptfuzz(data: Path) -> Iterator[Example]:
    questions = {row["index"]: row["text"] for row in rows(data / "gptfuzz-labelled-replies/question_list.csv")}
    for row in rows(data / "gptfuzz-labelled-replies/train.csv.gz"):
        reply = row["Response"]
        if re.search(r"[\u4e00-\u9fff]", reply):
            continue
        delivered = int(row["label"])
        question = questions[row["question"]]
        refusal = 0 if delivered else None
        yield Example(
            "gptfuzz-labelled-replies", f"gptfuzz-{row['question']}", reply, question, {}, {}, refusal, delivered, 0.5
        )


def jailbreakbench(data: Path) -> Iterator[Example]:
    for row in json_lines(data / "jailbreakbench-artifacts/replies.jsonl.gz"):
        reply, jailbroken = row["response"], row["jailbroken"]
        if reply and jailbroken is not None:
            delivered = int(jailbroken)
            yield Example(
                "jailbreakbench-artifacts", "jbb-" + row["goal"], reply, row["goal"], {}, {}, 0 if delivered else None, delivered, 0.5
            )  # fmt: skip


def diasafety(data: Path) -> Iterator[Example]:
    for index, row in enumerate(json.loads(read(data / "diasafety/train.json.gz"))):
        if row["label"] == "Safe" and row["category"] in ("Offending User", "Risk Ignorance", "Toxicity Agreement"):
            yield Example("diasafety", f"diasafety-{index}", row["response"], labels=dict(NONE), weight=0.3)


def davidson(data: Path) -> Iterator[Example]:
    for index, row in enumerate(rows(data / "davidson-hate-offensive/labeled_data.csv.gz")):
        votes = int(row["count"])
        if row["class"] == "0" and int(row["hate_speech"]) >= 0.66 * votes:
            yield Example("davidson-hate-offensive", f"davidson-{index}", row["tweet"], labels={"hate_fairness": 1})
        elif row["class"] == "2" and int(row["neither"]) == votes:
            yield Example("davidson-hate-offensive", f"davidson-{index}", row["tweet"], labels=dict(NONE), weight=0.3)


def edos(data: Path) -> Iterator[Example]:
    for row in rows(data / "edos/edos.csv.gz"):
        vector = row["label_category"]
        if vector.startswith("1."):
            labels = {"hate_fairness": 1, "violence": 1}
        elif vector.startswith("2."):
            labels = {"hate_fairness": 1}
        elif row["label_sexist"] == "not sexist":
            labels = {"hate_fairness": 0}
        else:
            continue
        yield Example("edos", row["rewire_id"], row["text"], labels=labels, weight=0.3)


def toxigen(data: Path) -> Iterator[Example]:
    for index, row in enumerate(json_lines(data / "toxigen-demonstrations/sentences.jsonl.gz")):
        labels = {"hate_fairness": 1} if row["label"] == "hate" else dict(NONE)
        yield Example("toxigen-demonstrations", f"toxigen-{index}", row["text"], labels=labels)


def hatemoji(data: Path) -> Iterator[Example]:
    for row in rows(data / "hatemoji-build/train.csv.gz"):
        hateful = row["label_gold"] == "1"
        labels = {"hate_fairness": int(hateful)}
        if hateful and row["type"] == "threateninglanguage":
            labels["violence"] = 1
        yield Example("hatemoji-build", "hatemoji-" + row["matched_id"], row["text"], labels=labels, weight=0.4)


def coprov2(data: Path) -> Iterator[Example]:
    names = {"violence": "violence", "sexual": "sexual", "self-harm": "self_harm", "self_harm": "self_harm"}
    for row in json_lines(data / "coprov2-tagged-pairs/train.jsonl.gz"):
        labels = {names[tag]: 1 for tag in row["tags"] if tag in names} if row["unsafe"] else dict(NONE)
        if labels:
            yield Example("coprov2-tagged-pairs", "copro-" + row["pair"], row["text"], labels=labels, weight=0.4)


def surge(data: Path) -> Iterator[Example]:
    for index, row in enumerate(rows(data / "surge-toxicity/toxicity_en.csv")):
        if row["is_toxic"] == "Not Toxic":
            yield Example("surge-toxicity", f"surge-{index}", row["text"], labels={"hate_fairness": 0}, weight=0.3)


def conversations(source: str, pairs: Iterator[tuple[str, str, str]], weight: float) -> Iterator[Example]:
    """Honest requests and what they were answered: nothing harmful in either, and the reply delivers."""
    for group, request, reply in pairs:
        yield Example(source, group, reply, request, dict(NONE), dict(NONE), 0, 1, weight)


def counsel_chat(data: Path) -> Iterator[Example]:
    def pairs():
        for row in rows(data / "counsel-chat/counsel_chat.csv.gz"):
            reply = re.sub(r"<[^>]+>|&\w+;", " ", row["answerText"])
            if reply.strip() and len(reply) < 20_000:
                yield "counsel-" + row["questionID"], row["questionTitle"] + "\n" + row["questionText"], reply

    return conversations("counsel-chat", pairs(), 0.7)


def chat_file(path: str, source: str, weight: float):
    def examples(data: Path) -> Iterator[Example]:
        def pairs():
            for index, row in enumerate(json_lines(data / path)):
                messages = row["messages"]
                user = next((m["content"] for m in messages if m["role"] == "user"), "")
                yield f"{source}-{index}", user, messages[-1].get("content") or json.dumps(messages[-1].get("tool_calls"))

        return conversations(source, pairs(), weight)

    return examples


def harmful_questions(data: Path) -> Iterator[Example]:
    """Requests whose category is named by their source; only those that no objective of the evaluation repeats."""
    table = json.loads(read(data / "red-instruct/catqa_english.json"))
    named = {
        ("Hate/Harass/Violence", "Racial or ethnic hate"): "hate_fairness",
        ("Hate/Harass/Violence", "Religious intolerance"): "hate_fairness",
        ("Hate/Harass/Violence", "Gender-based violence"): "hate_fairness",
        ("Hate/Harass/Violence", "Terrorism and extremism"): "violence",
        ("Physical Harm", "Self-harm"): "self_harm",
        ("Physical Harm", "Assault and battery"): "violence",
        ("Physical Harm", "Weapon making"): "violence",
        ("Illegal Activity", "Weapon:"): "violence",
        ("Adult Content", "Pornography"): "sexual",
        ("Adult Content", "Erotic text"): "sexual",
        ("Adult Content", "Nude imagery"): "sexual",
        ("Adult Content", "Sexually explicit dialogue"): "sexual",
    }
    for kind, groups in table.items():
        for group, questions in groups.items():
            category = named.get((kind, group))
            for question in questions:
                if category:
                    asks = {**NONE, category: 1}
                    yield Example("red-instruct", "catqa-" + question, "", question, asks=asks)
                elif kind in ("Tailored Financial Advice", "Political Campaigning", "Economic Harm", "Malware Viruses"):
                    yield Example("red-instruct", "catqa-" + question, "", question, asks=dict(NONE))


def labelled_replies(path: Path) -> Iterator[Example]:
    """Replies of the base model and of its tunings, labelled one by one under docs/judge/guideline.md."""
    for row in json_lines(path):
        kind, category = row["label"], row["category"]
        harmful = category in CATEGORIES
        yield Example(
            OURS + row["model"], "objective-" + row["request"], row["reply"], row["request"],
            labels=dict(NONE) if kind in ("refused", "deflected", "other") else {},
            asks={category: 1} if harmful else dict(NONE),
            refusal=int(kind == "refused"), delivered=int(kind == "delivered"), weight=9,
        )  # fmt: skip


SOURCES = (
    openai_moderation, pyrit, rbr, chatgpt_refusals, gptfuzz, jailbreakbench, diasafety, davidson, edos, toxigen,
    hatemoji, coprov2, surge, counsel_chat, harmful_questions,
    chat_file("medquad-sample-chat/chat.jsonl.gz", "medquad-sample-chat", 0.7),
    chat_file("self-instruct-human-chat/chat.jsonl.gz", "self-instruct-human-chat", 1.0),
    chat_file("foundry-samples/chat_train.jsonl.gz", "foundry-samples", 0.5),
    chat_file("foundry-samples/stock_toolcall_training.jsonl", "foundry-samples-tools", 0.5),
)  # fmt: skip
