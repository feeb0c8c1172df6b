"""The machines that are emulated."""

from dataclasses import dataclass, field

X86, ARM = "x86_64", "aarch64"


@dataclass(frozen=True)
class Machine:
    """A processor model that qemu-user emulates."""

    name: str
    """qemu's name of the model."""
    architecture: str
    """The architecture, `X86` or `ARM`."""
    has: str
    """The instructions that decide which kernels onnxruntime uses."""
    environment: dict[str, str] = field(default_factory=dict)
    """The variables that software needs to run on it."""


MACHINES = {
    machine.name: machine
    for machine in (
        Machine("Haswell", X86, "AVX2, no VNNI"),
        Machine("SandyBridge", X86, "AVX, no AVX2"),
        # OpenBLAS mistakes this processor without AVX for another, and crashes with an illegal instruction.
        Machine("Nehalem", X86, "SSE4, no AVX", {"OPENBLAS_CORETYPE": "Nehalem"}),
        Machine("cortex-a72", ARM, "NEON, no dot products"),
        Machine("cortex-a76", ARM, "NEON with dot products"),
        Machine("neoverse-v1", ARM, "SVE"),
        Machine("max", ARM, "SVE2, I8MM, SME"),
    )
}

USUAL = ("Haswell", "SandyBridge", "Nehalem", "cortex-a76")
"""The machines emulated by default."""
