"""The machines that are emulated."""

from dataclasses import dataclass, field

X86, ARM = "x86_64", "aarch64"


@dataclass(frozen=True)
class Machine:
    """A model of a processor that qemu-user has under the name ``name``.

    ``has`` says which instructions it has, of those that onnxruntime chooses its kernels by; ``environment``
    is what software needs to be told to run on it.
    """

    name: str
    architecture: str
    has: str
    environment: dict[str, str] = field(default_factory=dict)


MACHINES = {
    machine.name: machine
    for machine in (
        Machine("Haswell", X86, "AVX2, no VNNI"),
        Machine("SandyBridge", X86, "AVX, no AVX2"),
        # Without AVX, OpenBLAS takes it for a processor that it is not, and dies of an illegal instruction.
        Machine("Nehalem", X86, "SSE4, no AVX", {"OPENBLAS_CORETYPE": "Nehalem"}),
        Machine("cortex-a72", ARM, "NEON, no dot products"),
        Machine("cortex-a76", ARM, "NEON with dot products"),
        Machine("neoverse-v1", ARM, "SVE"),
        Machine("max", ARM, "SVE2, I8MM, SME"),
    )
}

USUAL = ("Haswell", "SandyBridge", "Nehalem", "cortex-a76")
"""Those that are emulated unless others are named."""
