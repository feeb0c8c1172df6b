"""Checkpoint → bundle: composes the steps. A bundle that fails parity is not written."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import linnet
from linnet.bundle import Settings
from linnet.layout import PARITY
from linnet.preprocessing import PREPROCESSORS

from linnet_export.builtin_texts import builtin_texts
from linnet_export.card import CARD, model_card
from linnet_export.checkpoint import Checkpoint, read_checkpoint
from linnet_export.errors import ParityError
from linnet_export.graph import export_graph
from linnet_export.parity import Parity, measure
from linnet_export.progress import Steps
from linnet_export.quantization import PER_TENSOR, quantize
from linnet_export.reference import Reference
from linnet_export.report import parity_report
from linnet_export.staging import publish, resolve_target, staging_folder
from linnet_export.writer import (
    write_config,
    write_json,
    write_licences,
    write_manifest,
    write_settings,
    write_tokenizer,
)


def convert(
    checkpoint: str | Path,
    output: str | Path,
    *,
    preprocessing: str = "none",
    texts: Sequence[str] = (),
    overwrite: bool = False,
    silent: bool = True,
) -> Parity:
    """Converts a checkpoint's folder, proves the result equal, and writes it to ``output``.

    Args:
        checkpoint: the folder of a sequence classifier, as ``save_pretrained`` writes it.
        output: the folder to make.
        preprocessing: the preset that users' texts go through.
        texts: texts to prove parity on, besides the built-in ones.
        overwrite: replace what is at ``output``.
        silent: show no progress on standard error.

    Raises:
        CheckpointError: the folder holds nothing that can be converted.
        InputError: ``output`` cannot be written.
        ParityError: the bundle is too far from the original; nothing was written.
    """
    steps = Steps(5, silent=silent)
    target = resolve_target(Path(output), Path(checkpoint), overwrite=overwrite)
    with steps.step("reading the checkpoint"):
        source = read_checkpoint(Path(checkpoint))
        settings = _settings(source, preprocessing)
        reference = Reference(source, source.model(), PREPROCESSORS[preprocessing])
    with staging_folder(target) as folder:
        bundle, scratch = folder / "bundle", folder / "scratch"
        bundle.mkdir()
        with steps.step("exporting the fp32 graph"):
            fp32 = export_graph(reference.model, scratch)
        with steps.step("quantizing to INT8"):
            quantize(fp32, bundle)
        proof = [*builtin_texts(), *texts]
        with steps.step(f"proving the bundle equal to the original on {len(proof)} texts"):
            write_tokenizer(source, bundle, scratch)
            write_config(source, bundle)
            write_settings(settings, bundle)
            write_licences(source, bundle)
            write_manifest(source, bundle)
            parity = measure(reference, fp32, linnet.load(bundle), proof)
        if parity.failures:
            raise ParityError(f"{source.path} was not converted: parity failed\n{parity_report(parity)}")
        with steps.step(f"writing {output}"):
            write_json(bundle / PARITY, parity.as_json())
            card = model_card(source.path, source.name, target.name, settings, parity)
            (bundle / CARD).write_text(card, encoding="utf-8")
            write_manifest(source, bundle)
            publish(bundle, target)
    return parity


def check_parity(bundle: str | Path, checkpoint: str | Path, *, texts: Sequence[str] = ()) -> Parity:
    """Measures a bundle against a checkpoint again, on the built-in texts and ``texts``.

    Raises:
        CheckpointError: the folder holds no checkpoint, or one with another number of labels.
        BundleError: the bundle cannot be loaded.
    """
    model, source = linnet.load(bundle), read_checkpoint(Path(checkpoint))
    reference = Reference(source, source.model(), PREPROCESSORS[model.bundle.settings.preprocessing])
    with tempfile.TemporaryDirectory(prefix="linnet-") as folder:
        fp32 = export_graph(reference.model, Path(folder))
        return measure(reference, fp32, model, [*builtin_texts(), *texts])


def _settings(source: Checkpoint, preprocessing: str) -> Settings:
    return Settings(
        task="text-classification",
        preprocessing=preprocessing,
        max_length=source.max_length,
        truncation_side=source.tokenizer.truncation_side,
        pad_token_id=source.pad_token_id,
        quantization=PER_TENSOR,
    )
