"""Checkpoint → bundle: composes the steps. A bundle that fails parity is not written."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import linnet
from linnet.bundle.placing import Staged, resolve_target, staging_folder
from linnet.bundle.settings import Settings
from linnet.errors import BundleError
from linnet.system.staging import temporary_folder
from linnet.texts import as_texts

from linnet_export.builtin_texts import builtin_texts
from linnet_export.bundle.writer import publish_bundle, write_files
from linnet_export.checkpoint.reading import Checkpoint, read_checkpoint
from linnet_export.errors import CheckpointError, ParityError, translated
from linnet_export.graphs import export_graphs
from linnet_export.options import Options, complete
from linnet_export.parity.measure import Parity, measure
from linnet_export.parity.reference import Reference
from linnet_export.parity.report import parity_report
from linnet_export.plan import Plan, check_options, plan, plan_of_bundle
from linnet_export.progress import Steps
from linnet_export.source.provenance import Provenance, accepted, differences, find, find_original

if TYPE_CHECKING:
    from typing_extensions import Unpack

_WANTED = 200
"""How many of the texts that the vocabulary is taken from are also checked."""

_REMEDY = "copy the checkpoint again; if its files are in order, run again with --debug, and report what it prints"


def convert(checkpoint: str | Path, output: str | Path, **options: "Unpack[Options]") -> Parity:
    """Converts a checkpoint (a folder, or a hub id), and writes the bundle if it is close enough to the original.

    Raises:
        CheckpointError, HubError, RecipeError, LicenceError: there is nothing that may be converted.
        InputError: an option is not valid, or ``output`` cannot be written.
        ParityError: the bundle is too far from the original; nothing was written.
    """
    chosen = complete(options)
    if "vocabulary_from" in chosen:
        chosen["vocabulary_from"] = as_texts(chosen["vocabulary_from"] or ())
    check_options(chosen)
    proof = _proof(chosen["texts"], (chosen.get("vocabulary_from") or ())[:_WANTED])
    steps = Steps(7, silent=chosen["silent"])
    overwrite = chosen.get("overwrite", False)
    target = resolve_target(Path(output), Path(checkpoint), overwrite=overwrite)
    with steps.step("finding the checkpoint"):
        origin = accepted(find(checkpoint, chosen), accept=chosen.get("accept_licence", False))
    with translated(f"{origin.source.id} cannot be converted", _REMEDY):
        found = plan(_outline(origin, chosen), chosen)
        steps.note(*origin.remarks, *found.checkpoint.remarks)
        origin.source.fetch()  # between two steps, as a download shows progress of its own
        with steps.step("reading it"):
            reference = found.reference()
        with staging_folder(target) as staged:
            settings, parity = _made(origin, found, reference, proof, staged, steps)
            with steps.step(f"writing {output}"):
                publish_bundle(origin, settings, parity, staged, target, overwrite=overwrite)
    return parity


def _outline(origin: Provenance, chosen: Options) -> Checkpoint:
    return read_checkpoint(
        origin.source.fetch_outline(), recipe=origin.recipe, task=chosen.get("task"), pooling=chosen.get("pooling")
    )


def _made(
    origin: Provenance, found: Plan, reference: Reference, proof: Sequence[str], staged: Staged, steps: Steps
) -> tuple[Settings, Parity]:
    """Writes a bundle into the staging folder; returns its settings and its parity.

    Raises:
        ParityError: the bundle is too far from the original.
    """
    with steps.step("exporting the fp32 graph"):
        graphs = export_graphs(reference, staged.scratch, builtin_texts())
        if found.internals:
            graphs.check_internals()
    steps.note(*graphs.remarks)
    with steps.step("quantizing to INT8"):
        settings = replace(found.settings, equalization=graphs.best_equalization())
        fp32 = graphs.quantize(settings, staged.bundle)
        inner = graphs.write_internals(settings, staged.bundle) if found.internals else None
    with steps.step("writing its tokenizer and settings"):
        remarks = write_files(origin, found.checkpoint, found.selection, settings, staged)
    steps.note(*remarks)
    with steps.step("comparing it with the original"):
        parity = measure(reference, fp32, _loaded(staged.bundle), proof, internals=inner, say=steps.part)
    if parity.failures:
        raise ParityError(f"{origin.source.id} was not converted: parity failed\n{parity_report(parity)}")
    return settings, parity


def _loaded(bundle: Path) -> linnet.Classifier | linnet.Embedder:
    try:
        return linnet.load(bundle)
    except BundleError as error:
        raise CheckpointError(f"the bundle that was made of the checkpoint cannot be loaded: {error}") from error


def check_parity(
    bundle: str | Path,
    checkpoint: str | Path,
    *,
    recipe: str | None = None,
    revision: str | None = None,
    offline: bool = False,
    texts: Sequence[str] = (),
    silent: bool = True,
) -> Parity:
    """Measures a bundle against a checkpoint again, on the built-in texts and ``texts``.

    ``recipe`` and ``revision`` are by default those that the bundle was made by. With ``silent=False``, progress goes
    to standard error, and a note if the checkpoint is not the one that the bundle was made from.

    Raises:
        CheckpointError: there is no checkpoint, or the bundle cannot have been made from it.
        BundleError: the bundle cannot be loaded.
    """
    proof = _proof(texts)
    steps = Steps(4, silent=silent)
    model = linnet.load(bundle)
    settings = model.bundle.settings
    with steps.step("finding the checkpoint"):
        origin = find_original(
            model.bundle, checkpoint, recipe=recipe, revision=revision, offline=offline, silent=silent
        )
    folder = origin.source.fetch()
    steps.note(*differences(origin, model.bundle))
    pooling = settings.embedding.pooling if settings.embedding else None
    cannot = f"{origin.source.id} cannot be compared with {bundle}"
    with translated(cannot, _REMEDY), temporary_folder(Path(tempfile.gettempdir()), "linnet-") as scratch:
        with steps.step("reading it"):
            source = read_checkpoint(folder, recipe=origin.recipe, task=settings.task, pooling=pooling)
            found = plan_of_bundle(source, model.bundle)
            reference = found.reference()
        with steps.step("exporting the fp32 graph"):
            fp32, inner = _fp32_graphs(found, reference, scratch, settings.equalization)
        with steps.step("comparing the bundle with it"):
            return measure(reference, fp32, model, proof, internals=inner, say=steps.part)


def _fp32_graphs(found: Plan, reference: Reference, folder: Path, equalization: str | None) -> tuple[Path, Path | None]:
    """Writes the fp32 graphs to compare a bundle with; the second is None if the bundle has only one."""
    graphs = export_graphs(reference, folder, builtin_texts())
    fp32 = graphs.write_fp32(equalization)
    return fp32, graphs.write_fp32_internals(equalization) if found.internals else None


def _proof(*texts: Sequence[str]) -> list[str]:
    """Returns the texts to compare on, without duplicates, so that each counts once in the mean."""
    return list(dict.fromkeys([*builtin_texts(), *(text for some in texts for text in as_texts(some))]))
