"""Runs a bundle on machines and on the host, compares the answers, and prints the results."""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import linnet
from linnet.bundle.opening import open_bundle
from linnet.names import PARITY
from linnet_export.builtin_texts import builtin_texts
from linnet_export.progress import Steps
from linnet_export.schemes import PER_TOKEN

from isa.comparison import Comparison, compare
from isa.emulated import Answers, MachineError, answers, emulated, here
from isa.errors import EmulationError
from isa.machines import MACHINES, X86, Machine

_HEADER = (
    "machine",
    "has",
    "onnxruntime",
    "labels as here",
    "greatest |Δ|",
    "mean |Δ|",
    "bits as here",
    "bits alone = batched",
    "seconds",
)


def run(args: argparse.Namespace) -> int:
    """Measures, prints the results, and returns the exit status."""
    try:
        _check_host()
        return _prove(args)
    except (EmulationError, linnet.LinnetError) as error:
        print(f"isa_parity: {error}", file=sys.stderr)
        return 2


def _prove(args: argparse.Namespace) -> int:
    model = linnet.load(args.bundle)
    bundle = open_bundle(model.bundle.path)
    per_token = bundle.settings.quantization == PER_TOKEN
    parity = measured_parity(bundle.path)
    texts = spread(builtin_texts(), args.texts)
    work = args.work or _cache()
    work.mkdir(parents=True, exist_ok=True)
    _keep_to_one_processor()
    wanted = [(MACHINES[name], version) for name in args.machine for version in args.onnxruntime]
    steps = Steps(2 * len(wanted) + 1)
    commands = []
    for machine, version in wanted:
        with steps.step(f"downloads for {machine.name}, onnxruntime {version}"):
            commands.append(emulated(machine, work, version))
    with steps.step(f"the host, {len(texts)} texts"):
        host = answers(here(), bundle.path, texts, limit=args.limit)
    rows: list[dict[str, Any]] = []
    for (machine, version), command in zip(wanted, commands, strict=True):
        with steps.step(f"{machine.name}, {len(texts)} texts"):
            try:
                found = answers(command, bundle.path, texts, limit=args.limit)
            except MachineError as error:
                rows.append(_failed(machine, version, error))
            else:
                comparison = compare(model, host, found, per_token=per_token, parity=parity)
                rows.append(_row(machine, comparison, found, texts))
        if args.json:
            print(json.dumps(rows[-1], ensure_ascii=False), flush=True)
    if not args.json:
        print(table(rows))
    return 0 if all(row["passed"] for row in rows) else 1


def measured_parity(bundle: Path) -> dict[str, float]:
    """Returns the values in the bundle's ``parity.json``, by criterion; empty if there is no such file."""
    file = bundle / PARITY
    criteria = json.loads(file.read_text(encoding="utf-8"))["criteria"] if file.is_file() else []
    return {each["name"]: each["value"] for each in criteria}


def spread(texts: Sequence[str], n: int | None) -> list[str]:
    """Returns ``n`` of the texts, evenly spread; all of them for None."""
    if n is None or n >= len(texts):
        return list(texts)
    return [texts[index * len(texts) // n] for index in range(n)]


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Returns a Markdown table with one line per machine, then the changed labels and the failed criteria."""
    lines = ["| " + " | ".join(_HEADER) + " |", "|" + "---|" * len(_HEADER)]
    lines += ["| " + " | ".join(_cells(row)) + " |" for row in rows]
    for row in rows:
        if "error" in row:
            lines.append(f"{row['machine']}: {row['error']}")
            continue
        lines += [
            f"{row['machine']}: another label for {each['text'][:60]!r}, whose margin here is {each['margin']:.4f}"
            for each in row["changed"]
        ]
        lines += [
            f"{row['machine']}: {each['name']}: {each['measured']}, required {each['required']}"
            for each in row["criteria"]
            if not each["passed"]
        ]
    return "\n".join(lines)


def _cells(row: dict[str, Any]) -> list[str]:
    if "error" in row:
        return [row["machine"], row["has"], row["onnxruntime"], "failed", *[""] * (len(_HEADER) - 4)]
    n, labels = row["n"], row["labels_equal"]
    return [
        row["machine"],
        row["has"],
        row["onnxruntime"],
        f"cosine ≥ {row['cosine_least']:.4f}" if labels is None else f"{labels} of {n}",
        f"{row['greatest']:.4f}",
        f"{row['mean']:.4f}",
        f"{row['same_as_host']} of {n}",
        f"{row['bits_equal']} of {n}",
        f"{row['seconds']:.0f}",
    ]


def _row(machine: Machine, comparison: Comparison, found: Answers, texts: Sequence[str]) -> dict[str, Any]:
    criteria = [
        {"name": each.name, "measured": each.measured, "required": each.required, "passed": each.passed}
        for each in comparison.criteria
    ]
    return {
        "machine": machine.name,
        "has": machine.has,
        "passed": comparison.passed,
        **asdict(comparison),
        "changed": [{"text": texts[index], "margin": margin} for index, margin in comparison.changed],
        "criteria": criteria,
        "seconds": round(found.seconds, 1),
        **found.versions,
    }


def _failed(machine: Machine, version: str, error: MachineError) -> dict[str, Any]:
    return {"machine": machine.name, "has": machine.has, "onnxruntime": version, "passed": False, "error": str(error)}


def _check_host() -> None:
    if platform.system() != "Linux" or platform.machine() != X86:
        raise EmulationError(
            f"expected Linux on {X86}, because its answers are the reference for the other machines, "
            f"found {platform.system()} on {platform.machine()}"
        )


def _cache() -> Path:
    kept = os.environ.get("XDG_CACHE_HOME")
    if kept:
        return Path(kept) / "linnet-isa"
    home = Path.home()
    return home / ".cache" / "linnet-isa" if home.is_dir() else Path(tempfile.gettempdir()) / "linnet-isa"


def _keep_to_one_processor() -> None:
    """Restricts this process to one processor: emulation is slow, and other work should not wait for it."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
