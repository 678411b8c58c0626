"""The judge as a network: MiniLM tuned end to end, with ordinal heads for severity and heads for refusal and delivery."""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from .sources import CATEGORIES

DIMENSIONS = 384
ASKS = len(CATEGORIES)
"""Harm that is asked for, by category: read off a request that stands alone."""
OUTPUTS = len(CATEGORIES) + 2 + ASKS
"""Severity's latent score by category, refusal, delivery, and what is asked for."""


class WordTable:
    """The word embeddings, frozen: int8 rows and a float scale a row, cut out of the encoder's package at set-up."""

    WORDS = 30522

    def __init__(self, path: Path):
        data = path.read_bytes()
        split = self.WORDS * DIMENSIONS
        rows = np.frombuffer(data, dtype=np.int8, count=split).reshape(self.WORDS, DIMENSIONS)
        scales = np.frombuffer(data, dtype="<f4", offset=split)
        self.table = torch.from_numpy(rows.astype(np.float32) * scales[:, None])

    def __call__(self, ids: torch.Tensor) -> torch.Tensor:
        return nn.functional.embedding(ids, self.table)


class Network(nn.Module):
    """Words, mask and token types (batch × tokens) in; latent severities, refusal, delivery and what is asked for
    (batch × 10) out, as log-odds.

    The severity heads are ordinal with one latent score and seven thresholds a category (Cao, Mirjalili, Raschka 2020):
    the log-odds of severity ≥ k are score − threshold k, and threshold 4 is 0.
    """

    def __init__(self, bert: nn.Module):
        super().__init__()
        self.bert = bert
        self.heads = nn.Sequential(
            nn.Dropout(0.1), nn.Linear(DIMENSIONS, DIMENSIONS), nn.GELU(), nn.Dropout(0.1), nn.Linear(DIMENSIONS, OUTPUTS)
        )
        self.steps = nn.Parameter(torch.zeros(len(CATEGORIES), 6))

    def thresholds(self) -> torch.Tensor:
        steps = nn.functional.softplus(self.steps)
        below = -torch.flip(torch.cumsum(torch.flip(steps[:, :3], [1]), 1), [1])
        above = torch.cumsum(steps[:, 3:], 1)
        return torch.cat([below, torch.zeros(len(CATEGORIES), 1), above], 1)

    def forward(self, words: torch.Tensor, mask: torch.Tensor, types: torch.Tensor) -> torch.Tensor:
        hidden = self.bert(inputs_embeds=words, attention_mask=mask, token_type_ids=types).last_hidden_state
        share = mask[:, :, None].to(hidden.dtype)
        mean = (hidden * share).sum(1) / share.sum(1)
        return self.heads(mean)


def pretrained(folder: Path) -> Network:
    """all-MiniLM-L6-v2 (Apache-2.0) from the folder of its package, heads fresh."""
    from transformers import BertModel

    bert = BertModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="sdpa")
    bert.embeddings.word_embeddings.weight.requires_grad = False
    return Network(bert)


def with_plain_attention(network: Network) -> Network:
    """The same network with attention in plain operations, which export as such."""
    from transformers import BertModel

    config = network.bert.config
    config._attn_implementation = "eager"
    bert = BertModel(config, add_pooling_layer=False)
    bert.load_state_dict(network.bert.state_dict())
    plain = Network(bert)
    plain.load_state_dict(network.state_dict())
    return plain


def export(network: Network, path: Path) -> None:
    """Writes the network as ONNX with int8 weights. The word embeddings stay outside."""
    plain = with_plain_attention(network)
    # The table is outside: what is exported holds none.
    plain.bert.embeddings.word_embeddings = nn.Embedding(1, DIMENSIONS)
    plain.eval()
    tokens = torch.ones(2, 8, dtype=torch.int64)
    float_path = path.with_suffix(".float.onnx")
    torch.onnx.export(
        plain, (torch.randn(2, 8, DIMENSIONS), tokens, tokens), str(float_path), dynamo=False, opset_version=17,
        input_names=["words", "mask", "types"], output_names=["logits"],
        dynamic_axes={name: {0: "batch", 1: "tokens"} for name in ("words", "mask", "types")} | {"logits": {0: "batch"}},
    )  # fmt: skip
    quantised(float_path, path)


def quantised(float_path: Path, path: Path) -> None:
    """The model with int8 weights, activations quantised as it runs (MatMul only, 7 bits: no overflow on processors without
    VNNI, see onnxruntime's notes on quantisation), in place of the one in float."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        str(float_path), str(path), op_types_to_quantize=["MatMul"], per_channel=True, reduce_range=True,
        weight_type=QuantType.QInt8, extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip
    float_path.unlink()
