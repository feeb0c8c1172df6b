"""A model answers from what was verified when it was loaded, whatever happens to the folder afterwards."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import linnet
import numpy as np
import onnxruntime
import pytest
from checked import classifier
from linnet.bundle.opening import open_bundle
from linnet.errors import BundleError, BundleIntegrityError, LinnetError
from linnet.inference import session
from linnet.names import COMPACT_TOKENIZER, CONFIG, GRAPH, TOKENIZER, WEIGHTS
from linnet.packing.fitting import graph_of

TEXTS = [f"the bridge {number} is good " * (number % 7) for number in range(200)]
"""Enough for several threads, each with a session of its own."""

Change = Callable[[Path], object]


def with_other_weights(folder: Path) -> None:
    """Replaces the files of a bundle by files of the same size, as if another version had come."""
    for name in (GRAPH, WEIGHTS, TOKENIZER):
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        (folder / name).write_bytes(content[::-1])


def swapped(folder: Path) -> None:
    folder.rename(folder.with_name("old"))
    shutil.copytree(folder.with_name("old"), folder)
    with_other_weights(folder)


CHANGES: dict[str, Change] = {
    "another working folder": lambda _: os.chdir("/"),
    "another version": swapped,
    "another version in the same folder": with_other_weights,
    "gone": shutil.rmtree,
}


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be moved there")
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("threads", [1, 2])
def test_what_happens_to_the_folder_changes_no_answer(
    bundle_copy: Path, threads: int, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bundle_copy.parent)
    model = classifier(bundle_copy.name, threads=threads)
    one = model.logits(TEXTS[:1])
    CHANGES[change](bundle_copy)
    assert np.array_equal(model.logits(TEXTS)[:1], one)  # with two threads, sessions are made only now
    assert np.array_equal(model.logits(TEXTS[:1]), one)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_that_is_flipped_changes_no_answer(bundle_copy: Path, tmp_path: Path) -> None:
    (tmp_path / "current").symlink_to(bundle_copy)
    model = classifier(tmp_path / "current", threads=2)
    one = model.logits(TEXTS[:1])
    other = Path(shutil.copytree(bundle_copy, tmp_path / "other"))
    with_other_weights(other)
    (tmp_path / "next").symlink_to(other)
    (tmp_path / "next").replace(tmp_path / "current")
    assert np.array_equal(model.logits(TEXTS)[:1], one)


def touched(folder: Path) -> None:
    os.utime(folder / WEIGHTS, ns=(1, 1))


def renamed_meanwhile(folder: Path) -> None:
    (folder / WEIGHTS).rename(folder / "weights").rename(folder / WEIGHTS)


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be moved there")
@pytest.mark.parametrize("change", [swapped, with_other_weights, shutil.rmtree, touched, renamed_meanwhile])
def test_onnxruntime_reads_only_files_that_are_as_they_were(bundle_copy: Path, change: Change) -> None:
    graph = graph_of(open_bundle(bundle_copy))
    assert graph.folder() == (bundle_copy / WEIGHTS).parent.resolve()
    change(bundle_copy)
    assert graph.folder() is None


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be moved there")
def test_files_that_are_replaced_while_onnxruntime_reads_them_change_no_answer(
    bundle_copy: Path, default: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    class Replaced(onnxruntime.InferenceSession):  # type: ignore[misc]  # it has no types
        def __init__(self, *args: object, **options: object) -> None:
            with_other_weights(bundle_copy)
            super().__init__(*args, **options)
            made.append("from the folder")

    class Slim:
        InferenceSession = Replaced

        def __getattr__(self, name: str) -> object:
            return getattr(onnxruntime, name)

    monkeypatch.setattr(session, "onnxruntime", Slim())
    assert np.array_equal(classifier(bundle_copy, threads=1).logits(TEXTS), classifier(default).logits(TEXTS))
    assert made


FORKED = """
import os, shutil, sys
import linnet
os.chdir(os.path.dirname(sys.argv[1]))
model = linnet.load(os.path.basename(sys.argv[1]), threads=2)
text = "the bridge is good"
expected = model.logits(text).tobytes()
child = os.fork()
if not child:
    os.chdir("/")
    shutil.rmtree(sys.argv[1])
    assert model.logits([text] * 100)[:1].tobytes() == model.logits(text).tobytes() == expected
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_daemon_answers_too(bundle_copy: Path) -> None:
    subprocess.run([sys.executable, "-c", FORKED, bundle_copy], check=True, timeout=60)


def laid_out_by_the_hub(folder: Path) -> None:
    """Every file is a link into another folder, as in the hub client's cache."""
    blobs = folder.with_name("blobs")
    blobs.mkdir()
    for number, file in enumerate([file for file in folder.rglob("*") if file.is_file()]):
        file.symlink_to(file.rename(blobs / str(number)))


def weights_elsewhere(folder: Path) -> None:
    (folder / WEIGHTS).symlink_to((folder / WEIGHTS).rename(folder.with_name("on another disk")))


def graph_elsewhere(folder: Path) -> None:
    (folder / GRAPH).symlink_to((folder / GRAPH).rename(folder.with_name("model.onnx")))


def linked_folder(folder: Path) -> None:
    (folder / "onnx").symlink_to((folder / "onnx").rename(folder.with_name("elsewhere")), target_is_directory=True)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("link", [laid_out_by_the_hub, weights_elsewhere, graph_elsewhere, linked_folder])
@pytest.mark.parametrize("threads", [1, 2])
def test_files_may_be_links(bundle_copy: Path, default: Path, link: Change, threads: int) -> None:
    link(bundle_copy)
    expected = classifier(default, threads=threads).logits(TEXTS)
    assert np.array_equal(classifier(bundle_copy, threads=threads).logits(TEXTS), expected)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("target", ["nowhere", "weights"])
def test_a_link_that_leads_nowhere_is_refused(bundle_copy: Path, target: str) -> None:
    (bundle_copy / WEIGHTS).unlink()
    (bundle_copy / WEIGHTS).symlink_to(bundle_copy / (WEIGHTS if target == "weights" else "nowhere"))
    with pytest.raises(BundleError, match=r"copy the bundle again|may be read"):
        linnet.load(bundle_copy)


@pytest.mark.parametrize("name", [WEIGHTS, GRAPH, CONFIG, TOKENIZER])
def test_a_file_that_cannot_be_read_is_named(bundle_copy: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.open

    def forbidden(path: str, flags: int, *args: int, **options: int) -> int:
        if str(path).endswith(name):
            raise PermissionError(13, "Permission denied")
        return really(path, flags, *args, **options)

    monkeypatch.setattr(os, "open", forbidden)  # root may read everything
    with pytest.raises(BundleError) as caught:
        linnet.load(bundle_copy)
    assert str(caught.value) == f"{bundle_copy / name}: Permission denied; see that it may be read"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
@pytest.mark.parametrize("name", [WEIGHTS, GRAPH, CONFIG, TOKENIZER])
def test_a_pipe_in_place_of_a_file_is_refused_at_once(bundle_copy: Path, name: str) -> None:
    (bundle_copy / name).unlink()
    os.mkfifo(bundle_copy / name)
    with pytest.raises(BundleIntegrityError, match="no regular file"):
        linnet.load(bundle_copy)


def test_whatever_onnxruntime_raises_is_a_linnet_error(
    bundle_copy: Path, rewrite: Callable[[Path, str, bytes], None]
) -> None:
    content = (bundle_copy / GRAPH).read_bytes()
    for damaged in (b"", b"no graph", content[: len(content) // 2], content.replace(b"Gather", b"Garble")):
        rewrite(bundle_copy, GRAPH, damaged)
        with pytest.raises(LinnetError):
            linnet.load(bundle_copy)


def test_no_file_is_opened_after_loading(bundle_copy: Path) -> None:
    assert not (bundle_copy / COMPACT_TOKENIZER).exists()
    opened: list[str] = []
    model = classifier(bundle_copy, threads=2)
    sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
    model.logits(TEXTS)
    assert [path for path in opened if "bundle" in path or "onnx" in path] == []
