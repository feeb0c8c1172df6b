"""Runs a bundle on this machine or an emulated one."""

import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import linnet
import numpy as np
import numpy.typing as npt

from isa.arm import PYTHON, python_root
from isa.emulator import emulator
from isa.machines import ARM, X86, Machine
from isa.wheels import INSTALLED, site_packages

_ANSWERS = Path(__file__).with_name("answers.py")
_THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Answers:
    """A bundle's answers, as `answers.py` writes them: float32 (n, labels or dimension) each."""

    alone: Floats
    """The answers to each text alone."""
    reversed: Floats
    """The answers to the texts batched in reverse order, put back in order."""
    batched: Floats
    """The answers to the texts batched in order."""
    versions: dict[str, str]
    """The versions of Python and the packages."""
    seconds: float
    """The run time, including Python's start."""


class MachineError(Exception):
    """Raised if the bundle fails on a machine, or exceeds the time limit."""


@dataclass(frozen=True)
class Command:
    """The command that runs Python on a machine, and the variables to add to its environment."""

    arguments: tuple[str, ...]
    environment: dict[str, str]


def here() -> Command:
    """Returns the command for the Python that runs this code."""
    return Command((sys.executable,), {})


def emulated(machine: Machine, work: Path, onnxruntime: str = INSTALLED) -> Command:
    """Returns the command for Python on an emulated machine; downloads what the work folder lacks.

    Raises:
        EmulationError: a download failed, or a tool is missing.
    """
    qemu = str(emulator(machine.architecture, work))
    if machine.architecture == X86:
        run = (qemu, "-cpu", machine.name, sys.executable)
        if onnxruntime == INSTALLED:
            return Command(run, machine.environment)
        return Command(run, {**machine.environment, **_packages(work, X86, _THIS_PYTHON, onnxruntime)})
    root = python_root(work)
    return Command(
        (qemu, "-cpu", machine.name, "-L", str(root), str(root / "usr/bin/python3")),
        {**machine.environment, "PYTHONHOME": str(root / "usr"), **_packages(work, ARM, PYTHON, onnxruntime)},
    )


def _packages(work: Path, architecture: str, python: str, onnxruntime: str) -> dict[str, str]:
    """Returns the variables with which Python finds linnet, and its dependencies for an architecture."""
    site = site_packages(work, architecture, python, onnxruntime)
    # A link to linnet alone: the folder around it holds packages for this architecture.
    pure = work / "linnet-alone"
    pure.mkdir(exist_ok=True)
    link, package = pure / "linnet", Path(linnet.__file__).parent
    if not link.is_symlink() or link.readlink() != package:
        link.unlink(missing_ok=True)
        link.symlink_to(package)
    return {"PYTHONPATH": os.pathsep.join([str(site), str(pure)])}


def answers(command: Command, bundle: Path, texts: list[str], *, limit: float) -> Answers:
    """Runs a bundle on the texts with this command; returns its answers.

    Raises:
        MachineError: the command failed, or took more than ``limit`` seconds.
    """
    with TemporaryDirectory(prefix="linnet-isa-") as folder:
        inputs, output = Path(folder) / "texts.json", Path(folder) / "answers.npz"
        inputs.write_text(json.dumps(texts), encoding="utf-8")
        began = time.monotonic()
        try:
            done = subprocess.run(
                [*command.arguments, str(_ANSWERS), str(bundle), str(inputs), str(output)],
                env={**os.environ, "HOME": folder, **command.environment},
                capture_output=True,
                text=True,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise MachineError(
                f"no answer within {limit:.0f} s: raise --limit, or use fewer texts with --texts"
            ) from error
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise MachineError(f"{shlex.join(command.arguments)} exited with status {done.returncode}: {last}")
        with np.load(output) as arrays:
            return Answers(
                **{name: arrays[name] for name in ("alone", "reversed", "batched")},
                versions=json.loads(done.stdout.strip().splitlines()[-1]),
                seconds=time.monotonic() - began,
            )
