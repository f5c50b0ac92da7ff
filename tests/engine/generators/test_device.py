import pytest
import torch

from engine.generators.device import is_out_of_memory, naming_out_of_memory


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: not enough memory"
        ),
        RuntimeError("MPS backend out of memory (MPS allocated: 9.00 GB)"),
        RuntimeError("could not create a primitive"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    ],
)
def test_out_of_memory_errors_become_memory_errors(error):
    with pytest.raises(MemoryError), naming_out_of_memory():
        raise error


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("could not create a primitive descriptor for a convolution"),
        RuntimeError("could not create a memory object"),
        RuntimeError("unsupported memory format option Preserve"),
        ValueError("out of memory"),
    ],
)
def test_other_errors_that_mention_memory_stay_unchanged(error):
    with pytest.raises(type(error), match=str(error)) as caught, naming_out_of_memory():
        raise error
    assert not isinstance(caught.value, MemoryError)


def test_torch_reports_an_impossible_allocation_as_out_of_memory():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**50)
    assert is_out_of_memory(caught.value)
