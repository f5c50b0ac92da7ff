"""Interpolation between two embeddings, and between two noises.

CLAP vectors always have length 1 in training, so they are interpolated along the sphere. So is
noise, because the schedulers rely on its length. The states of T5 and of the language model have no
fixed length; they are interpolated linearly.
"""

import torch

from engine.generators.latent_diffusion.family import Embeddings

_VECTOR = "class_labels"
_STATES, _MASK = "encoder_hidden_states_1", "encoder_attention_mask_1"
_SAME_ANGLE = 1e-4


def spherical(first: torch.Tensor, second: torch.Tensor, amount: float) -> torch.Tensor:
    """Return rows of (rows, ...) at `amount`, 0..1, of the angle from first to second.

    0 and 1 return the inputs unchanged. Rows with (nearly) the same direction, or opposite ones,
    which have no unique path between them, are interpolated linearly.
    """
    if amount in (0, 1):
        return second if amount else first
    flat = first.double().flatten(1), second.double().flatten(1)
    cosine = torch.nn.functional.cosine_similarity(*flat).clamp(-1, 1)
    angle = torch.arccos(cosine)
    straight = (angle < _SAME_ANGLE) | (torch.pi - angle < _SAME_ANGLE)
    whole = torch.where(straight, 1.0, torch.sin(angle))
    shares = (
        torch.where(straight, share, torch.sin(share * angle) / whole)
        for share in (1 - amount, amount)
    )
    mixed = sum(share[:, None] * each for share, each in zip(shares, flat, strict=True))
    return torch.as_tensor(mixed).reshape(first.shape).to(first.dtype)


def blended(first: Embeddings, second: Embeddings, amount: float) -> Embeddings:
    """Return the embeddings at `amount`, 0..1, of the way from one prompt to another.

    The states of T5 are padded with zeros to the longer of the two, and the masks are combined. At
    0 and 1 the embeddings are those of one prompt, including its mask.
    """
    if amount in (0, 1):
        return second if amount else first
    found = {}
    for name, value in first.items():
        if name == _VECTOR:
            found[name] = spherical(value, second[name], amount)
        elif name not in (_STATES, _MASK):
            found[name] = torch.lerp(value, second[name], amount)
    if _STATES in first:
        length = max(first[_MASK].shape[1], second[_MASK].shape[1])
        (here, seen_here), (there, seen_there) = _shown(first, length), _shown(second, length)
        found[_STATES] = torch.lerp(here, there, amount)
        found[_MASK] = seen_here | seen_there
    return found


def _shown(embeddings: Embeddings, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the T5 states, zero where masked, and their mask, both padded."""
    mask = embeddings[_MASK]
    states = embeddings[_STATES] * mask[..., None]
    missing = length - mask.shape[1]
    pad = torch.nn.functional.pad
    return pad(states, (0, 0, 0, missing)), pad(mask, (0, missing)).long()
