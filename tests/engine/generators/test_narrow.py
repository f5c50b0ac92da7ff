"""Weights that stay in 16 bits give what the same weights give in float32."""

import copy

import torch
from torch import nn

from engine.generators.narrow import kept_narrow


def reader(dtype):
    torch.manual_seed(0)
    layers = nn.Embedding(9, 8), nn.LayerNorm(8), nn.Linear(8, 8), nn.Linear(8, 4, bias=False)
    return nn.Sequential(*layers).to(dtype).requires_grad_(requires_grad=False)


def test_a_part_in_16_bits_keeps_them_and_computes_as_if_widened():
    tokens = torch.arange(9)[None]
    published = reader(torch.bfloat16)
    expected = copy.deepcopy(published).float()(tokens)
    narrow = kept_narrow(published)
    assert torch.equal(narrow(tokens), expected)
    assert narrow.float()[2].weight.dtype == torch.bfloat16
    assert narrow[1].weight.dtype == torch.float32


def test_a_part_in_float32_stays_as_it_is():
    part = reader(torch.float32)
    assert type(kept_narrow(part)[2]) is nn.Linear
