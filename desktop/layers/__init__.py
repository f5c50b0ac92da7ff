"""The layers: up to eight loops that play together, in time, in a strip under the columns."""
