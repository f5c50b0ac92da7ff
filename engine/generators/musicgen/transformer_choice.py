"""Chooses what computes MusicGen's transformer."""

import importlib.util
import logging
from typing import Any

import torch

from engine.generators.musicgen.interface import TokenTransformer
from engine.generators.musicgen.transformer import Transformer
from engine.loops.cancel import Check, unless_cancelled

_log = logging.getLogger(__name__)


def make_transformer(
    decoder: Any, device: torch.device, dtype: torch.dtype, check: Check, *, int8: bool
) -> TokenTransformer:
    """Return the fastest transformer for a library's decoder, whose layers are emptied.

    On a CPU that is OpenVINO's, if the package is installed (the extra `fast`).

    Args:
        decoder: in float32.
        device: where to compute.
        dtype: the precision.
        check: called while OpenVINO compiles; it may raise to end the work.
        int8: keep the matrices in 8 bits (CPU only).
    """
    if device.type == "cpu" and importlib.util.find_spec("openvino") is not None:
        try:
            from engine.generators.musicgen.openvino_transformer import OpenVinoTransformer
        except (ImportError, OSError) as error:  # a damaged installation
            _log.warning("OpenVINO cannot be imported, so torch is used: %s", error)
        else:
            _log.info("OpenVINO computes the transformer")
            return unless_cancelled(lambda: OpenVinoTransformer(decoder, dtype, int8=int8), check)
    return Transformer(decoder, device, dtype, int8=int8)
