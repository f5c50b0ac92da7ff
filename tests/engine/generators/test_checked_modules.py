"""Modules that call a check between their layers."""

import pytest
import torch
from torch import nn

from engine.generators.checked_modules import checking


class Noted(nn.Module):
    """A layer that notes that it has computed."""

    def __init__(self, computed):
        super().__init__()
        self._computed = computed

    def forward(self, values):
        """Return the values as they are."""
        self._computed.append(1)
        return values


def test_a_module_ends_between_two_layers_and_computes_as_before_afterwards():
    computed, checks = [], []
    module = nn.Sequential(Noted(computed), nn.Sequential(Noted(computed), Noted(computed)))

    def check():
        checks.append(1)
        if len(checks) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError), checking(check, module):
        module(torch.zeros(1))
    assert (len(computed), len(checks)) == (2, 3)
    module(torch.zeros(1))
    assert (len(computed), len(checks)) == (5, 3)
