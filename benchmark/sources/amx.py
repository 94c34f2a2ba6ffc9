"""A vLLM plugin: asks the kernel for AMX tiles, without which a small bf16 model on a CPU dies with SIGILL."""


def enable() -> None:
    """Ask for AMX tile permission where the processor has it; vLLM calls this in each of its processes."""
    import torch

    if torch.cpu._is_amx_tile_supported():
        torch.cpu._init_amx()
