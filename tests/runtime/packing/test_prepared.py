"""Weights packed for this machine: the same answers from less memory, used only where they fit, and never half written."""

import json
import os
import subprocess
import sys
from pathlib import Path

import linnet
import numpy as np
import pytest
from commands import Run
from linnet.bundle.opening import Bundle, open_bundle
from linnet.inference import session
from linnet.inference.graph import Graph
from linnet.packing import fitting as prepared
from linnet.packing import packing as preparing
from linnet.packing.cache import VARIABLE, packed_folder
from linnet.packing.listing import LIST, STAGING, Prepared, prepared_files, read_prepared
from smaps import needs_smaps, shared

TEXTS = ["Good news! The bridge opens on Friday 🎉", "not bad at all", "", "two hours on hold"] * 20

HOLD = """
import sys
from pathlib import Path
from linnet.system.staging import staging
with staging(Path(sys.argv[1]), sys.argv[2]) as folder:
    (folder / "half of it").write_text("…")
    print(folder, flush=True)
    sys.stdin.read()
"""

CHILD = """
import sys, linnet
model = linnet.load(sys.argv[1], threads=1)
model("one text")
"""


@pytest.fixture
def bundle(bundle_copy: Path) -> Bundle:
    return open_bundle(bundle_copy)


def packed(bundle: Bundle) -> Path:
    return packed_folder(bundle.manifest)


def listed(bundle: Bundle) -> Prepared:
    found = read_prepared(packed(bundle), bundle.path)
    assert found
    return found


def test_answers_are_the_same_bits(bundle: Bundle) -> None:
    plain = linnet.load(bundle.path)
    preparing.prepare(bundle)
    assert prepared.prepared_graph(bundle)
    for threads in (1, 2):
        mapped = linnet.load(bundle.path, threads=threads)
        assert np.array_equal(plain.logits(TEXTS), mapped.logits(TEXTS))  # type: ignore[union-attr]
        assert np.array_equal(plain.logits(TEXTS[:1]), mapped.logits(TEXTS[:1]))  # type: ignore[union-attr]


@needs_smaps
def test_processes_share_the_weights(bundle: Bundle) -> None:
    plain = shared(CHILD, bundle.path, of=bundle.graph.with_suffix(".onnx_data"))
    preparing.prepare(bundle)
    mapped = shared(CHILD, bundle.path, of=packed(bundle) / listed(bundle).weights.path)
    for memory in plain + mapped:
        assert memory["Rss"] > 0 == memory["Anonymous"] and memory["Pss"] < 0.6 * memory["Rss"]
    assert mapped[0]["Rss"] > 8_000  # kB: the packed weights themselves


@pytest.mark.parametrize("fact", ["layout", "onnxruntime", "processor", "bundle"])
def test_what_fits_no_more_is_not_used(bundle: Bundle, fact: str) -> None:
    preparing.prepare(bundle)
    file = packed(bundle) / LIST
    values = json.loads(file.read_bytes())
    values["facts"][fact] = "another"
    file.write_text(json.dumps(values))
    (packed(bundle) / listed(bundle).graph.path).write_bytes(b"none that could be loaded")
    with pytest.raises(prepared.NotPreparedError, match=f"another machine .* prepare {bundle.path} makes"):
        prepared.prepared_graph(bundle)
    assert linnet.load(bundle.path)("Good news!").label == "positive"  # type: ignore[union-attr]


@pytest.mark.parametrize("which", ["graph", "weights", "list"])
@pytest.mark.parametrize("damaged", ["cut short", "missing"])
def test_what_is_not_whole_is_not_used(bundle: Bundle, which: str, damaged: str, run: Run) -> None:
    preparing.prepare(bundle)
    file = packed(bundle) / (LIST if which == "list" else getattr(listed(bundle), which).path)
    content = file.read_bytes()
    file.unlink()
    if damaged == "cut short":
        file.write_bytes(content[: len(content) // 2])
    assert linnet.load(bundle.path)("Good news!").label == "positive"  # type: ignore[union-attr]
    said = (
        f"incomplete and not used: linnet prepare {bundle.path}"
        if (which, damaged) == ("list", "missing")
        else f"damaged and not used: linnet verify {bundle.path}"
    )
    assert shown(run("info", bundle.path).out, "prepared").startswith(said)
    if (which, damaged) != ("list", "missing"):  # without its list nothing is prepared
        found = run("verify", bundle.path)
        assert (
            found.status == 1 and f"make it again, or remove it: linnet prepare [--remove] {bundle.path}\n" in found.err
        )
        assert "1 of " in found.err
    preparing.prepare(bundle)
    assert shown(run("info", bundle.path).out, "prepared") == "yes"
    assert run("verify", bundle.path).status == 0


def test_altered_weights_are_not_packed(bundle: Bundle, run: Run) -> None:
    weights = bundle.graph.with_suffix(".onnx_data")
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.unlink()  # the copy shares it with others
    weights.write_bytes(content)
    found = run("prepare", bundle.path)
    assert found.status == 1 and "onnx_data was altered" in found.err
    assert not prepared_files(packed(bundle))


def test_a_full_disk_is_said_to_be_one(bundle: Bundle, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    def full(graph: Graph, file: Path, weights: str) -> None:
        raise linnet.BundleFormatError("onnxruntime cannot load it: Failed to write external initializers")

    monkeypatch.setattr(session, "write_packed", full)
    found = run("prepare", bundle.path)
    assert found.status == 2 and "make room, temporarily up to four times" in found.err
    assert not prepared_files(packed(bundle))


@pytest.mark.skipif(sys.platform == "win32", reason="no folder can be locked there")
def test_what_a_killed_process_left_goes_and_what_is_in_use_stays(bundle: Bundle, run: Run) -> None:
    folder = packed(bundle)
    folder.mkdir(parents=True)
    command = [sys.executable, "-c", HOLD, str(folder), STAGING]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdout
        used = Path(process.stdout.readline().strip())
        assert "there were no packed weights" in run("prepare", bundle.path, "--remove").out
        assert (used / "half of it").exists()
        process.kill()
    assert used.exists()
    assert "packed weights removed" in run("prepare", bundle.path, "--remove").out
    assert not folder.exists()


def test_several_may_prepare_at_once(bundle: Bundle, run: Run) -> None:
    command = [sys.executable, "-m", "linnet", "prepare", str(bundle.path)]
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    found = run("verify", bundle.path)
    assert found.status == 0 and found.err == "" and len(prepared_files(packed(bundle))) == 3


def test_files_without_their_list_are_not_used(bundle: Bundle, run: Run) -> None:
    preparing.prepare(bundle)
    (packed(bundle) / LIST).unlink()
    assert shown(run("info", bundle.path).out, "prepared").startswith("incomplete and not used")


def shown(info: str, fact: str) -> str:
    return next(line for line in info.splitlines() if line.split()[0] == fact).removeprefix(fact).strip()


def test_files_of_others_stay(bundle: Bundle, run: Run) -> None:
    run("prepare", bundle.path)
    notes = packed(bundle) / "prepared-notes.txt"
    notes.write_text("of somebody's")
    run("prepare", bundle.path, "--remove")
    assert list(packed(bundle).iterdir()) == [notes]


def test_altered_weights_are_found_by_verify(bundle: Bundle, run: Run) -> None:
    preparing.prepare(bundle)
    file = packed(bundle) / listed(bundle).weights.path
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink()
    file.write_bytes(content)
    found = run("verify", bundle.path)
    assert found.status == 1 and f"make it again, or remove it: linnet prepare [--remove] {bundle.path}\n" in found.err


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"facts": {}, "files": []}', b'{"facts": {}, "files": [1, 2]}']
)
def test_a_list_that_makes_no_sense_is_named(bundle: Bundle, content: bytes, run: Run) -> None:
    packed(bundle).mkdir(parents=True)
    (packed(bundle) / LIST).write_bytes(content)
    linnet.load(bundle.path)
    found = run("verify", bundle.path)
    assert found.status == 1 and "prepared.json: expected what linnet prepare writes" in found.err
    assert run("prepare", bundle.path, "--remove").status == 0
    assert run("verify", bundle.path).status == 0


def test_a_loaded_model_outlives_what_was_prepared(bundle: Bundle) -> None:
    preparing.prepare(bundle)
    model = linnet.load(bundle.path, threads=2)
    assert isinstance(model, linnet.Classifier)
    alone = model.logits(TEXTS[:1])
    preparing.remove(bundle)
    assert np.array_equal(model.logits(TEXTS)[:1], alone)  # for which the graph is loaded a second time


@pytest.mark.skipif(sys.platform == "win32", reason="files have no modes there")
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_others_may_read_and_not_write(bundle: Bundle, umask: int) -> None:
    before = os.umask(umask)
    try:
        preparing.prepare(bundle)
    finally:
        os.umask(before)
    modes = {file.stat().st_mode & 0o777 for file in prepared_files(packed(bundle))}
    assert modes == {0o644} and packed(bundle).stat().st_mode & 0o777 == 0o755
    assert prepared.prepared_graph(bundle)


NAMES = ["", LIST, "graph", "weights"]  # "" is the folder


def file_of(bundle: Bundle, which: str) -> Path:
    return packed(bundle) / (which if which in ("", LIST) else getattr(listed(bundle), which).path)


@pytest.mark.skipif(sys.platform == "win32", reason="files have no modes there")
@pytest.mark.parametrize("which", NAMES)
@pytest.mark.parametrize("way", ["others may write", "a link", "of another user"])
def test_what_others_could_have_made_is_not_executed(bundle: Bundle, which: str, way: str, run: Run) -> None:
    preparing.prepare(bundle)
    file = file_of(bundle, which)
    if way == "others may write":
        file.chmod(file.stat().st_mode | 0o002)
    elif way == "a link":
        file.symlink_to(file.rename(bundle.path.parent / "elsewhere"))
    elif os.geteuid() == 0:
        os.chown(file, 12345, 12345)
    else:
        pytest.skip("only root gives files away")
    with pytest.raises(prepared.NotPreparedError, match=f"another user made it .* prepare --remove {bundle.path}$"):
        prepared.prepared_graph(bundle)
    assert linnet.load(bundle.path)("Good news!").label == "positive"  # type: ignore[union-attr]
    assert "another user made it" in run("info", bundle.path).out


def test_a_list_cannot_name_another_graph(bundle: Bundle) -> None:
    preparing.prepare(bundle)
    file = packed(bundle) / LIST
    values = json.loads(file.read_bytes())
    other = packed(bundle) / "prepared-0123456789ab.onnx"
    for name, suffix in (("graph", ""), ("weights", "_data")):
        (packed(bundle) / getattr(listed(bundle), name).path).rename(f"{other}{suffix}")
    for record, suffix in zip(values["files"], ("", "_data"), strict=True):
        record["path"] = f"{other.name}{suffix}"
    file.write_text(json.dumps(values))
    with pytest.raises(prepared.NotPreparedError, match="another machine"):
        prepared.prepared_graph(bundle)
    values["files"][0]["path"] = "../elsewhere.onnx"
    file.write_text(json.dumps(values))
    with pytest.raises(prepared.NotPreparedError, match="damaged"):
        prepared.prepared_graph(bundle)


def test_the_cache_is_where_the_user_says(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    found = run("prepare", bundle.path, "--cache", tmp_path / "named")
    assert "LINNET_CACHE" in found.err and (tmp_path / "named").is_dir() and not (tmp_path / "cache").exists()
    assert shown(run("info", bundle.path).out, "prepared") == "no"
    monkeypatch.setenv(VARIABLE, str(tmp_path / "named"))
    assert shown(run("info", bundle.path).out, "prepared") == "yes"
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert str(tmp_path / "xdg" / "linnet") in run("prepare", bundle.path).out


def test_it_can_be_made_again_and_taken_away(bundle: Bundle, run: Run) -> None:
    before = sorted(bundle.path.rglob("*"))
    for _ in range(2):
        assert "is prepared" in run("prepare", bundle.path).out
    assert sorted(bundle.path.rglob("*")) == before
    assert "yes" in run("info", bundle.path).out and run("verify", bundle.path).err == ""
    assert "packed weights removed" in run("prepare", bundle.path, "--remove").out
    assert "there were no packed weights" in run("prepare", bundle.path, "--remove").out
    assert not packed(bundle).exists()


def test_an_interrupted_preparation_leaves_nothing(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(graph: Graph, file: Path, weights: str) -> None:
        file.write_bytes(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "write_packed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        preparing.prepare(bundle)
    assert not prepared_files(packed(bundle)) and not any(packed(bundle).iterdir())


def test_a_folder_that_cannot_be_written_to_is_named(bundle: Bundle, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    def read_only(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(preparing, "staging", read_only)
    found = run("prepare", bundle.path)
    assert found.status == 2 and "Read-only file system" in found.err and "--cache" in found.err


def test_a_user_without_a_home_can_name_a_cache(
    run: Run, bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.delenv(VARIABLE)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    result = run("prepare", bundle.path, "--cache", tmp_path / "named")
    assert result.status == 0 and f"note: programs use it if the environment variable {VARIABLE} is" in result.err
