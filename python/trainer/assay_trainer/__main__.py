"""
The worker: `python -m assay_trainer`. Reads messages from standard input, answers on standard output, one JSON object a
line (README.md). It ends when its input is closed, on `cancel` and on SIGTERM, whatever it is doing.
"""

from __future__ import annotations

import json
import os
import queue
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import Any

# Nothing may leave this process but the protocol: no core file, no download, no progress bar, no library's print.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TQDM_DISABLE": "1", "TRANSFORMERS_VERBOSITY": "error", "TOKENIZERS_PARALLELISM": "false"}
ANSWERS = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

from .protocol import WorkerError, check_row, check_start  # noqa: E402

speaking = threading.Lock()
INPUT_CLOSED = 3


def answer(message: dict[str, Any]) -> None:
    with speaking:
        ANSWERS.write(json.dumps(message, ensure_ascii=False, allow_nan=False) + "\n")
        ANSWERS.flush()


def leave(code: int) -> None:
    """Ends now. There is nothing to put in order: whatever was written is complete or belongs to no checkpoint message."""
    os._exit(code)


def cancelled() -> None:
    try:
        answer({"type": "cancelled"})
    finally:
        leave(0)


def listen(messages: queue.Queue[dict[str, Any]]) -> None:
    """Passes messages on; acts on `cancel` and on the end of the input itself, since training may be under way."""
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            answer({"type": "error", "code": "invalid_message", "message": "a line is not a JSON object"})
            leave(2)
            return
        if message.get("type") == "cancel":
            cancelled()
        messages.put(message)
    leave(INPUT_CLOSED)


def work(messages: queue.Queue[dict[str, Any]]) -> None:
    answer({"type": "ready"})
    start = messages.get()
    check_start(start)
    output = Path(start["output_directory"])
    gguf = Path(start["base"]["gguf_path"])
    if not gguf.is_file():
        raise WorkerError("base_model_missing", "the base model's file is not there")
    alignment = start["base"].get("alignment_adapter")
    if alignment is not None and not Path(alignment).exists():
        raise WorkerError("base_model_missing", "the alignment adapter's file is not there")
    origin = start.get("from")
    if origin is not None and not Path(origin["adapter"]).is_file():
        raise WorkerError("training_failed", "the checkpoint to go on from is not there")
    answer({"type": "loading"})

    from .base_model import load_base_model, load_tokenizer
    from .preferences import PreferencePair, encode_pair
    from .rows import IGNORED, TrainingRow, encode_row
    from .training import Hyperparameters, Training

    tokenizer = load_tokenizer(gguf)
    method = start.get("method", "supervised")
    rows: dict[str, list[TrainingRow]] = {"train": [], "replay": [], "validation": []}
    pairs: dict[str, list[PreferencePair]] = {"train": [], "validation": []}
    while (message := messages.get()).get("type") != "end_of_rows":
        if message.get("type") != "row":
            raise WorkerError("invalid_message", "only rows, `end_of_rows` and `cancel` may follow `start`")
        check_row(message, method)
        if "non_preferred" in message:
            pair = encode_pair(tokenizer, message, start["context_length"])
            if pair is not None:
                pairs[message["set"]].append(pair)
            continue
        row = encode_row(tokenizer, message, start["context_length"])
        if any(label != IGNORED for label in row.labels[1:]):
            rows[message["set"]].append(row)
    base = load_base_model(gguf, [Path(alignment)] if alignment else [])
    learned: list[TrainingRow] | list[PreferencePair] = pairs["train"] if method == "dpo" else rows["train"]
    if not learned:
        raise WorkerError("nothing_to_learn", "no row has an assistant message within the context length")
    settings = Hyperparameters(**start["hyperparameters"])
    if method == "dpo":
        # TRL brings datasets and pandas: seconds, and memory that supervised training does without.
        from .preference_training import PreferenceTraining

        training: Training | PreferenceTraining = PreferenceTraining(base, tokenizer, settings, start["beta"])
        customers_tokens, stepped = sum(pair.tokens for pair in pairs["train"]), len(pairs["train"])
    else:
        training = Training(base, tokenizer.pad_token_id, settings)
        if origin is not None:
            training.take_over(Path(origin["adapter"]))
        customers_tokens, stepped = sum(len(row.tokens) for row in rows["train"]), len(rows["train"] + rows["replay"])
    steps = -(-stepped // settings.batch_size) * settings.n_epochs
    answer({"type": "started", "total_steps": steps, "train_tokens": customers_tokens})

    def report(metrics: dict[str, Any]) -> None:
        answer({"type": "metrics", **metrics})

    def save(epoch: int, step: int, metrics: dict[str, Any]) -> None:
        folder = output / f"epoch-{epoch}"
        folder.mkdir(parents=True, exist_ok=True)
        adapter, peft_directory = training.write_checkpoint(folder)
        answer({"type": "checkpoint", "epoch": epoch, "step": step, "adapter_path": str(adapter), "peft_directory": str(peft_directory), "metrics": metrics})

    if isinstance(training, Training):
        training.run(rows["train"] + rows["replay"], rows["validation"], report, save, epochs_done=origin["epochs"] if origin else 0)
    else:
        training.run(pairs["train"], rows["replay"], pairs["validation"], output, report, save)
    answer({"type": "completed", "trained_tokens": customers_tokens * settings.n_epochs})


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: leave(143))
    # Ctrl-C in a terminal reaches the whole group: whoever started this worker decides what becomes of it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    messages: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=listen, args=(messages,), daemon=True).start()
    try:
        work(messages)
        return 0
    except WorkerError as error:
        answer({"type": "error", "code": error.code, "message": str(error)})
    except MemoryError:
        answer({"type": "error", "code": "out_of_memory", "message": "the memory does not suffice for this batch size and context length"})
    except BaseException as error:  # noqa: BLE001 - a library's message may quote a row, so only its kind and place are told
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        place = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "unknown"
        code = "out_of_memory" if isinstance(error, RuntimeError) and "memory" in str(error) else "training_failed"
        answer({"type": "error", "code": code, "message": f"{type(error).__name__} at {place}"})
    return 1


if __name__ == "__main__":
    result = main()
    ANSWERS.flush()
    leave(result)
