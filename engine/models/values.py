"""Checks the keys and values of a configuration against our allow-lists.

A key that is on no list is allowed only with null, `false` or a number as its value: those cannot
name code, and old versions of the libraries left many such keys.
"""

import functools
import math
import re
from collections.abc import Iterator
from typing import Any

from engine.models.allowed import AllowedClass
from engine.models.families import families
from engine.models.headers import Header

_COMMIT = re.compile(r"[0-9a-f]{40}")
LARGEST_NUMBER = 1e9
LARGEST_WHOLE_NUMBER = 1_000_000
"""Vocabularies have up to 262,144 words; widths are compared with the weights, too."""
LARGEST_KERNEL = 1_024
LONGEST_LIST = 256
LONGEST_TEXT = 2_000
LONGEST_TEMPLATE = 100_000
"""Of a conversation, in a language model's tokenizer; nothing here fills it in."""
DEEPEST = 6

_FORBIDDEN = ("auto_map", "custom_pipeline", "trust_remote", "attn_implementation", "kernel_config",
              "use_kernels", "quantization_config", "__")  # fmt: skip
_FREE = frozenset(
    [
        "id2label",
        "label2id",
        "task_specific_params",
        "added_tokens_decoder",
        "added_tokens",
        "sp_model_kwargs",
        "extra_special_tokens",
        "model_specific_special_tokens",
    ]
)
"""Below these, keys are names and numbers; forbidden keys are still refused."""
_FREE_NUMBERS = frozenset(
    {"model_max_length", "nb_max_samples", "n_samples", "max_length", "max_time", "sample_size"}
)
_KERNELS = ("kernel", "rates", "ratios", "dilation", "conv_in", "conv_out", "patch", "window_size")
_CLASS_KEYS = ("tokenizer_class", "processor_class", "feature_extractor_type", "architectures")


class BadValue(ValueError):
    """The reason why a configuration is refused, as the end of a sentence."""


class UnknownKey(BadValue):
    """A key that may be harmless but is on no list, and its value."""

    def __init__(self, key: str, value: object) -> None:
        super().__init__(f"has the key {key[:80]!r}, which is not on the list of known keys")
        self.unknown = key[:80], repr(value)[:200]


def check_values(config: dict[str, Any], allowed: AllowedClass, weights: Header | None) -> None:
    """Check a configuration.

    Args:
        config: as read from its file.
        allowed: the class that it is for; its keys may have any ordinary value.
        weights: the header of the weights that it describes, if any.

    Raises:
        BadValue: a key or value is not allowed.
    """
    for path, value in _leaves(config, ()):
        _check_keys(path, value, allowed.keys)
        key = next(step for step in reversed(path) if not step.isdigit() or len(path) == 1)
        if isinstance(value, str):
            _check_text(key, value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            _check_number(key, value)
            if weights is not None:
                _check_size(key, value, allowed, weights)


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every value that is not a container, with its keys; an empty container is a leaf."""
    if len(path) > DEEPEST:
        raise BadValue(f"is nested too deeply at {path[0][:80]!r}")
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list) and value:
        free = any(step in _FREE for step in path) or "token" in path[-1]
        if len(value) > LONGEST_LIST and not (free or path[-1] == "trained_betas"):
            raise BadValue(f"has {len(value):,} values as {path[-1][:80]!r}")
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*path, str(number)))
    else:
        yield path, value


def _check_keys(path: tuple[str, ...], value: Any, keys: frozenset[str]) -> None:
    for position, key in enumerate(path):
        if key == "__type" and value == "AddedToken":
            continue  # The old notation of a token.
        if key == "_attn_implementation_autoset" and isinstance(value, bool):
            continue  # A note of transformers 4.48 that it chose the implementation itself.
        if any(word in key for word in _FORBIDDEN):
            raise BadValue(f"has the key {key[:80]!r}, which may lead to code being run")
        if any(step in _FREE for step in path[:position]) or (key.isdigit() and position):
            continue
        inside_token = position and "token" in path[position - 1]
        number = isinstance(value, int | float) and value is not True
        harmless = value is None or number
        if key not in keys and not inside_token and not harmless:
            raise UnknownKey(key, value)


def _check_text(key: str, value: str) -> None:
    if key == "_commit_hash" and not _COMMIT.fullmatch(value):
        raise BadValue(f"has {value[:80]!r} as {key!r}, which is no commit")
    if len(value) > (LONGEST_TEMPLATE if key == "chat_template" else LONGEST_TEXT):
        raise BadValue(f"has a text of {len(value):,} characters as {key[:80]!r}")
    if key in _CLASS_KEYS and value not in _class_names(with_weights=key == "architectures"):
        raise BadValue(f"names the class {value[:80]!r} as {key!r}")


@functools.cache
def _class_names(*, with_weights: bool) -> frozenset[str]:
    """Return the classes that any family has, or mentions: models, or all that have no weights."""
    known = {
        each.name
        for family in families()
        for each in family.classes
        if each.has_weights == with_weights
    }
    return frozenset(known.union(*(family.also_named for family in families())))


def _check_number(key: str, value: float) -> None:
    if not math.isfinite(value):
        raise BadValue(f"has {value!r} as {key[:80]!r}")
    if key in _FREE_NUMBERS:
        return
    limit = LARGEST_NUMBER
    if isinstance(value, int):
        limit = LARGEST_KERNEL if any(word in key for word in _KERNELS) else LARGEST_WHOLE_NUMBER
    if abs(value) > limit:
        raise BadValue(f"has {value!r:.40} as {key[:80]!r}, more than any model needs")


def _check_size(key: str, value: float, allowed: AllowedClass, weights: Header) -> None:
    """Check that a tensor dimension or a number of layers matches the weights."""
    if key in allowed.widths and not 0 < value <= weights.largest_dimension:
        raise BadValue(f"has {value!r:.40} as {key!r}, which does not match its weights")
    if key in allowed.depths and not 0 <= value <= len(weights.tensors):
        raise BadValue(f"has {value!r:.40} as {key!r}, which does not match its weights")
