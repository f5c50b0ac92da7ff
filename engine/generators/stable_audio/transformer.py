"""The transformer of Stable Audio 3, on the library's layers.

The library computes everything anew in each step. Here, what the latents hear of the prompt is
computed once: the keys and values of its tokens, and what each layer gets of a source that stays.
The places of the prompt that are empty, most of them, all look the same; they are one token that
counts as often as there are of them.
"""

import dataclasses
from typing import Any

import torch
from torch.nn import functional


@dataclasses.dataclass(frozen=True)
class Heard:
    """What the transformer hears in all steps: a row per take.

    Attributes:
        tokens: key and value of each layer, (rows, heads, tokens, width of a head).
        weight: what is added to the attention that each token gets, (rows, 1, 1, tokens).
        duration: (rows, width).
        beside: of each layer, what is added to the latents, (rows, latents, width); None without a
            source that stays.
    """

    tokens: list[tuple[torch.Tensor, torch.Tensor]]
    weight: torch.Tensor
    duration: torch.Tensor
    beside: list[torch.Tensor] | None


class Transformer:
    """Predicts the way from clean latents to noise."""

    def __init__(self, model: Any) -> None:
        """Use the layers of the library's `StableAudio3DiTModel`."""
        self._model = model
        self._memory = int(model.config.num_memory_tokens)

    def hear(
        self,
        encoder_hidden_states: torch.Tensor,
        encoder_attention_mask: torch.Tensor,
        global_hidden_states: torch.Tensor,
        local_add_cond: torch.Tensor | None = None,
    ) -> Heard:
        """Return what the transformer hears of its conditions, by the library's names for them."""
        model = self._model
        words, weight = self._merged(encoder_hidden_states, encoder_attention_mask.bool())
        context = model.to_cond_embed(words)
        beside = None
        if local_add_cond is not None:
            local = local_add_cond.transpose(1, 2)
            beside = [block.to_local_embed(local) for block in model.transformer_blocks]
        return Heard(
            [_keys_and_values(block.cross_attn, context) for block in model.transformer_blocks],
            weight,
            model.to_global_embed(global_hidden_states),
            beside,
        )

    def _merged(
        self, words: torch.Tensor, there: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the tokens that are there and one for all that are not, and their weights."""
        counts = there.sum(dim=1)
        order = there.int().argsort(dim=1, descending=True, stable=True)[:, : int(counts.max())]
        kept = words.gather(1, order[..., None].expand(-1, -1, words.shape[2]))
        nothing = self._model.prompt_padding_embedding.to(words.dtype).expand(len(words), 1, -1)
        weight = words.new_zeros(order.shape).masked_fill(~there.gather(1, order), -torch.inf)
        empty = (there.shape[1] - counts).to(words.dtype).log()[:, None]
        return torch.cat([kept, nothing], dim=1), torch.cat([weight, empty], dim=1)[:, None, None]

    def __call__(self, latents: torch.Tensor, level: float, heard: Heard) -> torch.Tensor:
        """Return noise minus clean latents, as the model sees them in noisy ones.

        Args:
            latents: (rows, width, latents).
            level: the share of the noise.
            heard: see `hear`.
        """
        model, patch = self._model, self._model.config.patch_size
        rows, width, length = latents.shape
        at = torch.full((rows, 1), level, device=latents.device)
        time = model.to_timestep_embed(model.timestep_features(at).to(latents.dtype))
        changes = model.global_cond_embedder(heard.duration + time)
        lying = (model.preprocess_conv(latents) + latents).transpose(1, 2)
        states = model.proj_in(lying.reshape(rows, length // patch, width * patch))
        if self._memory:
            remembered = model.memory_tokens.expand(rows, -1, -1)
            states = torch.cat([remembered.to(states.dtype), states], dim=1)
        angles = model.rotary_pos_emb(states.shape[1], states.device).chunk(2, dim=-1)[0]
        turn = angles.cos()[:, None, None], angles.sin()[:, None, None]
        for number, block in enumerate(model.transformer_blocks):
            states = self._layer(block, states, changes, turn, heard, number)
        found = model.proj_out(states[:, self._memory :])
        found = found.reshape(rows, length, width).transpose(1, 2)
        result: torch.Tensor = model.postprocess_conv(found) + found
        return result

    def _layer(
        self,
        block: Any,
        states: torch.Tensor,
        changes: torch.Tensor,
        turn: tuple[torch.Tensor, torch.Tensor],
        heard: Heard,
        number: int,
    ) -> torch.Tensor:
        scale, shift, gate, ff_scale, ff_shift, ff_gate = (
            (block.to_scale_shift_gate + changes).unsqueeze(1).chunk(6, dim=-1)
        )
        changed = block.pre_norm(states) * (1 + scale) + shift
        states = states + _among_themselves(block.self_attn, changed, turn) * (1 - gate).sigmoid()
        told = block.cross_attend_norm(states)
        states = states + _of_what_is_told(
            block.cross_attn, told, *heard.tokens[number], heard.weight
        )
        if heard.beside is not None:
            states[:, self._memory :] += heard.beside[number]
        changed = block.ff_norm(states) * (1 + ff_scale) + ff_shift
        found: torch.Tensor = states + block.ff(changed) * (1 - ff_gate).sigmoid()
        return found


def _among_themselves(
    attn: Any, states: torch.Tensor, turn: tuple[torch.Tensor, torch.Tensor]
) -> torch.Tensor:
    """Return what the states hear of each other."""
    maps = 2 if attn.use_differential else 1
    parts = attn.to_qkv(states).unflatten(-1, (2 * maps + 1, attn.heads, attn.dim_heads))
    gammas = torch.stack([attn.q_norm.gamma] * maps + [attn.k_norm.gamma] * maps)[:, None]
    both = _normed(parts[:, :, :-1], attn.q_norm.eps) * gammas
    half = turn[0].shape[-1]
    first, second = both[..., :half], both[..., half : 2 * half]
    turned = first * turn[0] - second * turn[1]
    both[..., half : 2 * half] = second * turn[0] + first * turn[1]
    both[..., :half] = turned
    query, key = (_by_heads(each) for each in both.to(states.dtype).chunk(2, dim=2))
    value = parts[:, :, -1].transpose(1, 2)
    found: torch.Tensor = attn.to_out(_attended(query, key, value))
    return found


def _of_what_is_told(
    attn: Any,
    states: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    weight: torch.Tensor,
) -> torch.Tensor:
    """Return what the states hear of the tokens."""
    query = attn.to_q(states).unflatten(-1, (-1, attn.heads, attn.dim_heads))
    found: torch.Tensor = attn.to_out(_attended(_by_heads(attn.q_norm(query)), key, value, weight))
    return found


def _keys_and_values(attn: Any, context: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    parts = attn.to_kv(context).unflatten(-1, (-1, attn.heads, attn.dim_heads))
    return _by_heads(attn.k_norm(parts[:, :, :-1])), parts[:, :, -1].transpose(1, 2)


def _by_heads(parts: torch.Tensor) -> torch.Tensor:
    """Return (rows, tokens, maps, heads, width) as (rows, maps times heads, tokens, width)."""
    return parts.flatten(2, 3).transpose(1, 2)


def _normed(parts: torch.Tensor, eps: float) -> torch.Tensor:
    """Return parts of length 1 in the mean, in float32 as the library computes it."""
    wide = parts.float()
    return wide * torch.rsqrt(wide.pow(2).mean(dim=-1, keepdim=True) + eps)


def _attended(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    weight: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return attention; of two maps, the first minus the second. (rows, tokens, width)."""
    maps = query.shape[1] // value.shape[1]
    found = functional.scaled_dot_product_attention(
        query, key, value.repeat(1, maps, 1, 1), attn_mask=weight
    )
    if maps == 2:
        plus, minus = found.chunk(2, dim=1)
        found = plus - minus
    return found.transpose(1, 2).flatten(2)
