"""Recognises folders and repositories that hold something else than a checkpoint, and says what to do with them."""

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from linnet_export.source.files import CONFIG, weight_files

ADAPTER = "adapter_config.json"
_SETFIT = "model_head.pkl"

_LOAD = "AutoModelForSequenceClassification.from_pretrained"


def other_kind(paths: Iterable[str], name: str, *, inner: str, on_hub: bool, task: str | None = None) -> str | None:
    """Returns what was found instead of a checkpoint, and what to do; None if it may be one.

    Args:
        paths: the files, relative to the folder or repository, with ``/`` between names.
        name: the folder or the hub id, for the commands in the message.
        inner: the folder of the transformer's files, with a ``/`` at its end; empty for the top.
        on_hub: True for a repository on a hub.
        task: the task that the user chose, or None.
    """
    present = frozenset(paths)
    here = {path.removeprefix(inner) for path in present if path.startswith(inner)}
    if ADAPTER in here:
        return _adapter(name)
    if _SETFIT in present and task is None:
        return (
            "found a SetFit classifier, whose head is not part of its encoder; "
            "to convert only the encoder, for embeddings: --task feature-extraction"
        )
    if weight_files(here):
        return None
    return _in_a_subfolder(present, name, on_hub=on_hub) or next(
        (said for kind in _KINDS if (said := kind(present, name))), None
    )


def _adapter(name: str) -> str:
    return (
        f"found a PEFT adapter ({ADAPTER}), which changes the weights of another checkpoint; merge it first "
        f"(pip install peft; remove {ADAPTER} if it is merged already):\n"
        "  from peft import AutoPeftModelForSequenceClassification\n"
        "  from transformers import AutoTokenizer\n"
        f"  model = AutoPeftModelForSequenceClassification.from_pretrained({name!r})\n"
        '  model.merge_and_unload().save_pretrained("merged")\n'
        f'  AutoTokenizer.from_pretrained({name!r}).save_pretrained("merged")\n'
        "then convert the folder merged"
    )


def _in_a_subfolder(paths: frozenset[str], name: str, *, on_hub: bool) -> str | None:
    folders = sorted({str(PurePosixPath(path).parent) for path in paths if path.endswith(f"/{CONFIG}")})
    having = [
        folder
        for folder in folders
        if weight_files(path.removeprefix(f"{folder}/") for path in paths if path.startswith(f"{folder}/"))
    ]
    if not having:
        return None
    found = f"found weights in its folder{'s' * (len(having) > 1)} {', '.join(having[:4])}; convert "
    if on_hub:
        return f"{found}the folder DIR/{having[0]} after: hf download {name} --include '{having[0]}/*' --local-dir DIR"
    return f"{found}that folder: {name}/{having[0]}"


def _of_another_framework(paths: frozenset[str], name: str) -> str | None:
    for file, framework, option in (
        ("tf_model.h5", "TensorFlow", "from_tf"),
        ("tf_model.h5.index.json", "TensorFlow", "from_tf"),
        ("flax_model.msgpack", "Flax", "from_flax"),
    ):
        if file in paths:
            return (
                f"found weights for {framework} ({file}); write them for PyTorch, where {framework} is installed: "
                f'{_LOAD}({name!r}, {option}=True).save_pretrained("pytorch"), and copy the tokenizer beside them'
            )
    return None


def _of_another_program(paths: frozenset[str], name: str) -> str | None:
    for suffix, format_ in (
        (".gguf", "GGUF, the format of llama.cpp"),
        (".onnx", "ONNX"),
        (".ggml", "GGML"),
        (".tflite", "TensorFlow Lite"),
        (".mlmodel", "Core ML"),
        ("saved_model.pb", "a TensorFlow SavedModel"),
        ("openvino_model.xml", "OpenVINO"),
    ):
        if found := sorted(path for path in paths if path.endswith(suffix)):
            return f"found {format_} ({found[0]}); give the checkpoint that it was made from"
    return None


def _under_another_name(paths: frozenset[str], name: str) -> str | None:
    suffixes = (".safetensors", ".bin", ".pt", ".pth", ".ckpt")
    no_model = ("training_args.bin", "optimizer.pt", "optimizer.bin", "scheduler.pt", "scaler.pt", "rng_state.pth")
    found = sorted(path for path in paths if path.endswith(suffixes) and path not in no_model)
    if not found:
        return None
    return (
        f"found {', '.join(found[:4])}; if that is the whole model, load it and write it with save_pretrained, "
        "or rename a .safetensors file to model.safetensors"
    )


_KINDS: tuple[Callable[[frozenset[str], str], str | None], ...] = (
    _of_another_framework,
    _of_another_program,
    _under_another_name,
)
