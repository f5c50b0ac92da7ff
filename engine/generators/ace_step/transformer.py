"""The transformer of ACE-Step, on the library's layers.

The library computes everything anew in each step. Here the keys and values of what is told are
computed once; and layers with a window have no mask where the window holds all places.
"""

import dataclasses
from typing import Any

import torch
from diffusers.models.embeddings import get_1d_rotary_pos_embed
from torch.nn import functional


@dataclasses.dataclass(frozen=True)
class Heard:
    """What the transformer hears in all steps: a row per take.

    Attributes:
        tokens: key and value of each layer, (rows, heads, tokens, width of a head).
        beside: what it gets beside the noise, (rows, latents, width).
    """

    tokens: list[tuple[torch.Tensor, torch.Tensor]]
    beside: torch.Tensor


class Transformer:
    """Predicts the way from clean latents to noise."""

    def __init__(self, model: Any) -> None:
        """Use the layers of the library's `AceStepTransformer1DModel`."""
        self._model = model

    def hear(self, told: torch.Tensor, beside: torch.Tensor) -> Heard:
        """Return what is heard of (rows, tokens, width) and of what is beside the noise."""
        model = self._model
        words = model.condition_embedder(told)
        return Heard([_keys_and_values(layer.cross_attn, words) for layer in model.layers], beside)

    def __call__(self, latents: torch.Tensor, level: float, heard: Heard) -> torch.Tensor:
        """Return noise minus clean latents, as the model sees them in noisy ones.

        Args:
            latents: (rows, latents, width).
            level: the share of the noise.
            heard: see `hear`.
        """
        model, length = self._model, latents.shape[1]
        at = torch.full((len(latents),), level, device=latents.device, dtype=latents.dtype)
        # The second time is how far the step goes back; these models go all the way.
        times = zip(model.time_embed(at), model.time_embed_r(at - at), strict=True)
        time, changes = (each + other for each, other in times)
        states = torch.cat([heard.beside, latents], dim=-1)
        states = functional.pad(states, (0, 0, 0, -length % model.patch_size))
        states = model.proj_in_conv(states.transpose(1, 2)).transpose(1, 2)
        turn = self._turn(states)
        window = self._window(states)
        for layer, kind, tokens in zip(model.layers, model.layer_types, heard.tokens, strict=True):
            mask = window if kind == "sliding_attention" else None
            states = _layer(layer, states, changes, turn, mask, tokens)
        shift, scale = (model.scale_shift_table + time[:, None]).chunk(2, dim=1)
        states = (model.norm_out(states) * (1 + scale) + shift).type_as(states)
        found: torch.Tensor = model.proj_out_conv(states.transpose(1, 2)).transpose(1, 2)
        return found[:, :length]

    def _turn(self, states: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return cosine and sine of the angle of each place."""
        places: Any = torch.arange(states.shape[1], device=states.device, dtype=torch.float32)
        found = get_1d_rotary_pos_embed(
            self._model.head_dim,
            places,
            theta=self._model.rope_theta,
            use_real=True,
            repeat_interleave_real=False,
        )
        return tuple(each.to(states.dtype) for each in found)

    def _window(self, states: torch.Tensor) -> torch.Tensor | None:
        """Return which places see each other in a layer with a window; None if all do."""
        length, window = states.shape[1], self._model.config.sliding_window
        if window is None or length <= window + 1:
            return None
        places = torch.arange(length, device=states.device)
        return ((places[:, None] - places).abs() <= window)[None, None]


def _layer(
    layer: Any,
    states: torch.Tensor,
    changes: torch.Tensor,
    turn: tuple[torch.Tensor, ...],
    mask: torch.Tensor | None,
    tokens: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    shift, scale, gate, ff_shift, ff_scale, ff_gate = (layer.scale_shift_table + changes).chunk(
        6, dim=1
    )
    changed = (layer.self_attn_norm(states) * (1 + scale) + shift).type_as(states)
    heard = layer.self_attn(hidden_states=changed, image_rotary_emb=turn, attention_mask=mask)
    states = (states + heard * gate).type_as(states)
    told = layer.cross_attn_norm(states).type_as(states)
    states = states + _of_what_is_told(layer.cross_attn, told, *tokens)
    changed = (layer.mlp_norm(states) * (1 + ff_scale) + ff_shift).type_as(states)
    return (states + layer.mlp(changed) * ff_gate).type_as(states)


def _of_what_is_told(
    attn: Any, states: torch.Tensor, key: torch.Tensor, value: torch.Tensor
) -> torch.Tensor:
    query = attn.norm_q(attn.to_q(states).unflatten(-1, (attn.heads, attn.head_dim)))
    heard = functional.scaled_dot_product_attention(query.transpose(1, 2), key, value)
    found: torch.Tensor = attn.to_out[0](heard.transpose(1, 2).flatten(2))
    return found


def _keys_and_values(attn: Any, words: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the key and the value of each token, once for each head of the queries."""
    shape = attn.kv_heads, attn.head_dim
    key = attn.norm_k(attn.to_k(words).unflatten(-1, shape))
    value = attn.to_v(words).unflatten(-1, shape)
    each = attn.heads // attn.kv_heads
    first, second = (part.transpose(1, 2).repeat_interleave(each, dim=1) for part in (key, value))
    return first, second
