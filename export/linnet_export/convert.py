"""Checkpoint → bundle: composes the steps. A bundle that fails parity is not written."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import linnet
from linnet.system.staging import temporary_folder
from linnet.texts import as_texts

from linnet_export.builtin_texts import builtin_texts
from linnet_export.bundle.staging import resolve_target, staging_folder
from linnet_export.bundle.writer import publish_bundle, write_files
from linnet_export.checkpoint.reading import read_checkpoint
from linnet_export.errors import ParityError
from linnet_export.graphs import export_graphs
from linnet_export.options import Options, complete
from linnet_export.parity.measure import Parity, measure
from linnet_export.parity.report import parity_report
from linnet_export.plan import plan, plan_of_bundle
from linnet_export.progress import Steps
from linnet_export.source.provenance import accepted, find, find_original

if TYPE_CHECKING:
    from typing_extensions import Unpack

_WANTED = 200
"""How many of the texts that the vocabulary is taken from are also checked."""


def convert(checkpoint: str | Path, output: str | Path, **options: "Unpack[Options]") -> Parity:
    """Converts a checkpoint (a folder, or a hub id), and writes the bundle if it is close enough to the original.

    Raises:
        CheckpointError, HubError, RecipeError, LicenceError: there is nothing that may be converted.
        InputError: ``output`` cannot be written.
        ParityError: the bundle is too far from the original; nothing was written.
    """
    chosen = complete(options)
    if "vocabulary_from" in chosen:
        chosen["vocabulary_from"] = as_texts(chosen["vocabulary_from"] or ())
    proof = _proof(chosen["texts"], (chosen.get("vocabulary_from") or ())[:_WANTED])
    steps = Steps(7, silent=chosen["silent"])
    target = resolve_target(Path(output), Path(checkpoint), overwrite=chosen.get("overwrite", False))
    with steps.step("finding the checkpoint"):
        origin = accepted(find(checkpoint, chosen), accept=chosen.get("accept_licence", False))
    found = plan(read_checkpoint(origin.source.fetch_outline(), recipe=origin.recipe, task=chosen.get("task")), chosen)
    steps.note(*origin.remarks)
    origin.source.fetch()  # between two steps, as a download shows progress of its own
    with steps.step("reading it"):
        reference = found.reference()
    with staging_folder(target) as staged:
        with steps.step("exporting the fp32 graph"):
            graphs = export_graphs(reference, staged.scratch, builtin_texts())
        steps.note(*graphs.remarks)
        with steps.step("quantizing to INT8"):
            settings = replace(found.settings, equalization=graphs.best_equalization())
            fp32 = graphs.quantize(settings, staged.bundle)
        with steps.step("writing its tokenizer and settings"):
            remarks = write_files(origin, found.checkpoint, found.selection, settings, staged)
        steps.note(*remarks)
        with steps.step(f"comparing it with the original on {len(proof)} texts and its whole vocabulary"):
            parity = measure(reference, fp32, linnet.load(staged.bundle), proof)
        if parity.failures:
            raise ParityError(f"{origin.source.id} was not converted: parity failed\n{parity_report(parity)}")
        with steps.step(f"writing {output}"):
            publish_bundle(origin, settings, parity, staged, target)
    return parity


def check_parity(
    bundle: str | Path,
    checkpoint: str | Path,
    *,
    recipe: str | None = None,
    revision: str | None = None,
    offline: bool = False,
    texts: Sequence[str] = (),
) -> Parity:
    """Measures a bundle against a checkpoint again, on the built-in texts and ``texts``.

    ``recipe`` and ``revision`` are by default those that the bundle was made by.

    Raises:
        CheckpointError: there is no checkpoint, or the bundle was not made from it.
        BundleError: the bundle cannot be loaded.
    """
    proof = _proof(texts)
    model = linnet.load(bundle)
    origin = find_original(model.bundle, checkpoint, recipe=recipe, revision=revision, offline=offline)
    source = read_checkpoint(origin.source.fetch(), recipe=origin.recipe, task=model.bundle.settings.task)
    reference = plan_of_bundle(source, model.bundle).reference()
    with temporary_folder(Path(tempfile.gettempdir()), "linnet-") as folder:
        graphs = export_graphs(reference, folder, builtin_texts())
        fp32 = graphs.write_fp32(model.bundle.settings.equalization)
        return measure(reference, fp32, model, proof)


def _proof(*texts: Sequence[str]) -> list[str]:
    """Returns the texts to compare on, without duplicates, so that each counts once in the mean."""
    return list(dict.fromkeys([*builtin_texts(), *(text for some in texts for text in as_texts(some))]))
