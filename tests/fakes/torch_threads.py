"""The number of threads that torch computes with, for a while."""

import contextlib


@contextlib.contextmanager
def torch_threads(count):
    """Let torch divide each operation of this thread among so many threads."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
