"""The messages of the worker, one JSON object a line, and the checks on what comes in. README.md describes them."""

from __future__ import annotations

from typing import Any

ROLES = ("system", "developer", "user", "assistant", "tool", "function")


class WorkerError(Exception):
    """A fault with a stable code. Its message never holds text of a row."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def require(condition: bool, what: str) -> None:
    if not condition:
        raise WorkerError("invalid_message", what)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def check_start(message: dict[str, Any]) -> None:
    require(message.get("type") == "start", "the first message has to be `start`")
    base = message.get("base")
    require(isinstance(base, dict) and isinstance(base.get("gguf_path"), str), "`base.gguf_path` has to be a path")
    require(base.get("alignment_adapter") is None or isinstance(base["alignment_adapter"], str), "`base.alignment_adapter` has to be a path")
    require(isinstance(message.get("output_directory"), str), "`output_directory` has to be a path")
    length = message.get("context_length")
    require(isinstance(length, int) and 16 <= length, "`context_length` has to be a whole number of at least 16")
    settings = message.get("hyperparameters")
    require(isinstance(settings, dict), "`hyperparameters` is missing")
    for name, least in (("n_epochs", 1), ("batch_size", 1), ("seed", 0), ("lora_rank", 1)):
        require(isinstance(settings.get(name), int) and settings[name] >= least, f"`hyperparameters.{name}` has to be a whole number of at least {least}")
    require(message.get("method", "supervised") in ("supervised", "dpo"), "`method` has to be supervised or dpo")
    beta = message.get("beta")
    require(message.get("method") != "dpo" or (is_number(beta) and beta > 0), "`beta` of dpo has to be above 0")
    origin = message.get("from")
    if origin is not None:
        require(isinstance(origin, dict) and isinstance(origin.get("adapter"), str), "`from.adapter` has to be a path")
        epochs = origin.get("epochs")
        require(isinstance(epochs, int) and 1 <= epochs < settings["n_epochs"], "`from.epochs` has to be a whole number below `n_epochs`")
        require(message.get("method") != "dpo", "training by dpo begins at the base model")
    rate = settings.get("learning_rate")
    require(is_number(rate) and 0 < rate < 1, "`hyperparameters.learning_rate` has to lie between 0 and 1")


def check_row(message: dict[str, Any], method: str) -> None:
    require(message.get("set") in ("train", "replay", "validation"), "`set` of a row has to be train, replay or validation")
    messages = message.get("messages")
    require(isinstance(messages, list) and len(messages) > 0, "`messages` of a row has to be a list")
    paired = method == "dpo" and message["set"] != "replay"
    require(("non_preferred" in message) == paired, "rows of dpo have `non_preferred`, those of replay and of supervised training have not")
    require(not paired or (isinstance(messages[-1], dict) and messages[-1].get("role") == "assistant"), "`messages` of a pair have to end with the preferred output")
    for entry in [*messages, message["non_preferred"]] if paired else messages:
        require(isinstance(entry, dict) and entry.get("role") in ROLES, "a message of a row has an unknown role")
        content = entry.get("content")
        parts = isinstance(content, list) and all(isinstance(part, dict) and isinstance(part.get("text", ""), str) for part in content)
        require(content is None or isinstance(content, str) or parts, "`content` of a row's message has to be text")
        calls = entry.get("tool_calls")
        require(calls is None or (isinstance(calls, list) and all(isinstance(c, dict) and "function" in c for c in calls)), "`tool_calls` of a row's message is not a list of calls")
    tools = message.get("tools")
    require(tools is None or (isinstance(tools, list) and all(isinstance(t, dict) and "function" in t for t in tools)), "`tools` of a row is not a list of functions")
