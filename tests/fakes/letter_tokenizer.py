"""A T5 tokenizer that knows single letters only, for checkpoints with random weights."""

from transformers.models.t5.tokenization_t5 import T5Tokenizer

LETTERS = "abcdefghijklmnopqrstuvwxyz'"


def letter_tokenizer() -> T5Tokenizer:
    """Return the tokenizer; it also knows digits, the comma and the full stop."""
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(letter, -3.0) for letter in LETTERS + ",.0123456789"]
    return T5Tokenizer(vocab=pieces, extra_ids=0, model_max_length=512)
