"""MusicGen's transformer computed by OpenVINO, where the package is installed.

A pass for one position is bound by reading the weights. OpenVINO reads them at nearly the memory's
speed, and loses less beside another program that keeps a core busy, such as a DAW.
"""

import contextlib
import dataclasses
import logging
import os
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino
import torch

from engine.generators.musicgen.embedding import TokenEmbedding
from engine.generators.musicgen.openvino_graph import (
    HIDDEN,
    MASK,
    ROWS,
    decoder_graphs,
    text_input,
)
from engine.loops.cancel import Check, no_check

DEVICE_VARIABLE = "LOOPWRIGHT_OPENVINO_DEVICE"
"""Names the environment variable with OpenVINO's device: CPU (the default), GPU or NPU."""
_CPU = "CPU"
_POLL_MS = 20
_log = logging.getLogger(__name__)
_Floats = npt.NDArray[np.float32]


@dataclasses.dataclass
class OpenVinoCache:
    """What the rows of one pass remember.

    Attributes:
        request: holds the keys and values of the earlier positions, and of the text.
        held: the arrays that the request reads, which it doesn't own.
        used: how many positions are filled.
    """

    request: Any
    held: list[_Floats]
    used: int = 0


class OpenVinoTransformer:
    """The decoder of one checkpoint; the rows as in `transformer.Transformer`.

    It computes on the CPU, or on the device that `DEVICE_VARIABLE` names, if that can compute it.
    """

    def __init__(self, decoder: Any, dtype: torch.dtype, *, int8: bool = False) -> None:
        """Compile a library's decoder, whose layers are emptied one by one.

        Args:
            decoder: in float32.
            dtype: the precision, float32 or bfloat16.
            int8: keep the matrices in 8 bits; the rest, and the cache, as OpenVINO finds fastest.
        """
        self.device = torch.device("cpu")
        self._embedding = TokenEmbedding(decoder, self.device, torch.float32)
        self.codebooks, self.codes = self._embedding.codebooks, self._embedding.codes
        self.pad, self.width = self._embedding.pad, self._embedding.width
        graphs = decoder_graphs(decoder, int8=int8)
        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        if int8:
            del settings["INFERENCE_PRECISION_HINT"]
        elif dtype == torch.bfloat16:
            settings |= {"INFERENCE_PRECISION_HINT": "bf16", "KV_CACHE_PRECISION": "bf16"}
        else:
            settings |= {"KV_CACHE_PRECISION": "f32"}
        self._step = _compiled(graphs.step, settings)
        self._text: Any = graphs.text and _compiled(graphs.text, settings)

    def new_cache(self, rows: int, positions: int, text: torch.Tensor | None) -> OpenVinoCache:
        """Return what `rows` rows remember; see `TokenTransformer`."""
        cache = OpenVinoCache(self._step.create_infer_request(), [])
        self._set(cache, ROWS, np.arange(rows, dtype=np.int32))
        if self._text is not None:
            for number, keys_or_values in enumerate(self._text_states(rows, text)):
                self._set(cache, text_input(*divmod(number, 2)), keys_or_values)
        cache.held.append(np.zeros((1, 1, 1, positions), np.float32))
        return cache

    def embed(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return (rows, length, width) for tokens of (rows, codebooks, length)."""
        return self._embedding.tokens(tokens)

    def advance(
        self,
        inputs: torch.Tensor,
        cache: OpenVinoCache,
        *,
        whole: bool = False,
        check: Check = no_check,
    ) -> torch.Tensor:
        """Process the next positions; see `TokenTransformer`.

        `check` is called before the pass, and every 20 ms during one of several positions, which
        it ends.
        """
        length = inputs.shape[1]
        check()
        hidden = inputs.float() + self._embedding.positions(cache.used, length)
        cache.used += length
        rows = np.ascontiguousarray(hidden.numpy())
        cache.request.set_tensor(HIDDEN, openvino.Tensor(rows, shared_memory=True))
        mask = cache.held[-1][..., : cache.used] if length == 1 else _causal(length, cache.used)
        cache.request.set_tensor(MASK, openvino.Tensor(mask, shared_memory=True))
        if length == 1:
            cache.request.infer()
        else:
            _infer(cache.request, check)
        logits = torch.from_numpy(cache.request.get_output_tensor().data.copy())
        logits = logits.view(*logits.shape[:2], self.codebooks, self.codes).transpose(1, 2)
        return logits if whole else logits[:, :, -1]

    def _text_states(self, rows: int, text: torch.Tensor | None) -> list[_Floats]:
        """Return keys and values by layer; without text they are zeros, which change nothing."""
        states = torch.zeros(1, 1, self.width) if text is None else text.float()
        found = self._text(np.ascontiguousarray(states.numpy()))
        made = []
        for each in found.values():
            padded = np.zeros((rows, *each.shape[1:]), np.float32)
            padded[: len(each)] = each
            made.append(padded)
        return made

    def _set(self, cache: OpenVinoCache, name: str, values: npt.NDArray[Any]) -> None:
        cache.held.append(values)
        cache.request.set_tensor(name, openvino.Tensor(values, shared_memory=True))


def _compiled(graph: openvino.Model, settings: dict[str, str]) -> Any:
    core, device = openvino.Core(), os.environ.get(DEVICE_VARIABLE) or _CPU
    if device != _CPU:
        try:
            return core.compile_model(graph, device, settings)
        except RuntimeError as error:  # there is none, or it lacks an operation
            first = str(error).strip().partition("\n")[0]
            _log.warning("OpenVINO cannot use %s, so it computes on the CPU: %s", device, first)
    return core.compile_model(graph, _CPU, settings)


def _causal(length: int, positions: int) -> _Floats:
    """Return a mask of (1, 1, length, positions): the last position of a row is its own."""
    mask = np.full((length, positions), -np.inf, np.float32)
    return np.triu(mask, positions - length + 1)[None, None]


def _infer(request: Any, check: Check) -> None:
    request.start_async()
    try:
        while not request.wait_for(_POLL_MS):
            check()
    except BaseException:
        request.cancel()
        with contextlib.suppress(RuntimeError):  # that it was cancelled
            request.wait()
        raise
