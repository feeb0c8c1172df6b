"""Other processors: one that is emulated, and what `scripts/isa_parity` makes of answers."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import isa_parity
import linnet
import numpy as np
import pytest
from isa import emulator as emulators
from isa import proof
from isa.comparison import compare
from isa.emulated import Answers, Floats, MachineError
from isa.errors import EmulationError
from isa.machines import ARM, MACHINES, X86
from linnet_export.builtin_texts import builtin_texts
from linnet_export.parity.criteria import LOGIT_DRIFT_NAME, cosine_name

SCRIPT = Path(isa_parity.__file__)
LOGITS = np.array([[1.0, 0.5, -1.0], [0.0, 2.0, 0.25], [-0.5, 0.0, 3.0]], dtype=np.float32)


def given(alone: Floats, *, batched: Floats | None = None, backwards: Floats | None = None) -> Answers:
    return Answers(
        alone=alone,
        batched=alone if batched is None else batched,
        reversed=alone if backwards is None else backwards,
        versions={"onnxruntime": "1.2.3"},
        seconds=1.0,
    )


@pytest.fixture(scope="module")
def model() -> linnet.Classifier:
    return linnet.load()


@pytest.mark.skipif(
    shutil.which("qemu-x86_64") is None, reason="qemu-x86_64 is not installed: apt-get install qemu-user"
)
def test_a_processor_without_vnni_gives_the_same_labels(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--machine", "Haswell", "--texts", "6", "--json", "--work", str(tmp_path)]
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    row = json.loads(done.stdout)
    assert (row["machine"], row["n"], row["labels_equal"], row["passed"]) == ("Haswell", 6, 6, True)
    assert row["greatest"] < 0.1  # weights that saturated would be further off


def test_equal_answers_pass(model: linnet.Classifier) -> None:
    found = compare(model, given(LOGITS), given(LOGITS.copy()), per_token=True, parity={})
    assert found.passed
    assert (found.labels_equal, found.greatest, found.same_as_host, found.bits_equal) == (3, 0, 3, 3)


def test_one_other_label_fails(model: linnet.Classifier) -> None:
    other = LOGITS.copy()
    other[0] = (0.5, 0.625, -1.0)
    found = compare(model, given(LOGITS), given(other), per_token=True, parity={})
    assert not found.passed
    assert (found.labels_equal, found.greatest, found.same_as_host) == (2, 0.5, 2)
    assert [each.name for each in found.criteria if not each.passed] == [
        "labels as on the host",
        "labels as on the host where its margin exceeds 0.01",
    ]


def test_a_tie_may_go_either_way_but_not_every_other_text_may_be_one(model: linnet.Classifier) -> None:
    many = np.repeat(LOGITS, 50, axis=0)
    for column in (0, 1):
        many[0, column] = 0.5 + 0.001 * column
    other = many.copy()
    other[0, :2] = many[0, 1::-1]
    found = compare(model, given(many), given(other), per_token=True, parity={})
    assert found.passed
    [(text, margin)] = found.changed
    assert (text, found.labels_equal, 0 < margin < 0.001) == (0, 149, True)
    few = compare(model, given(many[:50]), given(other[:50]), per_token=True, parity={})
    assert [each.name for each in few.criteria if not each.passed] == ["labels as on the host"]


def test_the_same_labels_from_other_logits_fail(model: linnet.Classifier) -> None:
    found = compare(model, given(LOGITS), given(4 * LOGITS), per_token=True, parity={})
    assert found.labels_equal == 3
    assert [each.name for each in found.criteria if not each.passed] == ["logits, mean |Δ| over their spread"]


def test_a_processor_must_change_less_than_int8_itself_did(model: linnet.Classifier) -> None:
    measured = 0.02
    spread = LOGITS.std(axis=0).mean()
    for share, passed in ((0.9, True), (1.1, False)):
        found = given(LOGITS + np.float32(share * measured) * spread)
        assert (
            compare(model, given(LOGITS), found, per_token=True, parity={LOGIT_DRIFT_NAME: measured}).passed == passed
        )


@pytest.mark.parametrize("order", ["batched", "backwards"])
def test_one_other_bit_among_others_fails_where_texts_have_scales_of_their_own(
    model: linnet.Classifier, order: str
) -> None:
    other = LOGITS.copy()
    other[1, 0] = -0.0  # equal as a number
    found = given(LOGITS, **{order: other})
    assert not compare(model, given(LOGITS), found, per_token=True, parity={}).passed
    of_tensor = compare(model, given(LOGITS), found, per_token=False, parity={})
    assert (of_tensor.passed, of_tensor.bits_equal) == (True, 2)


def test_a_failed_criterion_is_told_below_the_table(model: linnet.Classifier) -> None:
    machine = MACHINES["Nehalem"]
    found = given(-LOGITS)
    comparison = compare(model, given(LOGITS), found, per_token=True, parity={})
    row = proof._row(machine, comparison, found, ["one", "two", "three"])
    failed = proof._failed(MACHINES["Haswell"], "1.23.*", MachineError("no answer"))
    lines = proof.table([row, failed]).splitlines()
    assert lines[2].startswith("| Nehalem | SSE4, no AVX | 1.2.3 | 0 of 3 | 6.0000 |")
    assert "Nehalem: another label for 'two', whose margin here is 0.6311" in lines
    assert "Nehalem: labels as on the host: 0.00%, required ≥ 99%" in lines
    assert lines[-1] == "Haswell: no answer"


def test_embeddings_are_held_to_their_directions() -> None:
    embedder = linnet.load(Path(__file__).parent.parent / "runtime" / "tiny_embedder")
    assert isinstance(embedder, linnet.Embedder)
    found = given(1.5 * LOGITS)
    comparison = compare(embedder, given(LOGITS), found, per_token=True, parity={})
    assert comparison.passed and comparison.labels_equal is None
    row = proof._row(MACHINES["Haswell"], comparison, found, ["one", "two", "three"])
    assert "| cosine ≥ 1.0000 | 1.5000 |" in proof.table([row])
    parity = {cosine_name("text", "mean"): 0.9998}
    tilted = LOGITS + np.float32(0.03) * LOGITS[::-1]  # cosine 0.9997 in the mean
    assert compare(embedder, given(LOGITS), given(tilted), per_token=True, parity={}).passed
    assert not compare(embedder, given(LOGITS), given(tilted), per_token=True, parity=parity).passed
    assert not compare(embedder, given(LOGITS), given(LOGITS[::-1].copy()), per_token=True, parity={}).passed


def test_parity_is_read_where_there_is_one(tmp_path: Path) -> None:
    assert proof.measured_parity(tmp_path) == {}
    (tmp_path / "parity.json").write_text('{"criteria": [{"name": "a", "value": 0.5, "bound": 1}]}')
    assert proof.measured_parity(tmp_path) == {"a": 0.5}


def test_texts_are_spread_over_all() -> None:
    texts = builtin_texts()
    assert proof.spread(texts, None) == list(texts) == proof.spread(texts, 10_000)
    some = proof.spread(texts, 7)
    assert len(set(some)) == 7
    assert texts.index(some[-1]) > len(texts) * 0.8


def fake_qemu(folder: Path, name: str, says: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho '{says}'\n")
    (folder / name).chmod(0o755)


def test_a_qemu_that_is_installed_is_taken_if_it_is_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    for name in (f"qemu-{X86}", f"qemu-{ARM}"):
        fake_qemu(tmp_path / "bin", name, f"{name} version 7.2.22 (Debian)")
    assert emulators.emulator(X86, tmp_path / "work") == tmp_path / "bin" / f"qemu-{X86}"
    asked = []
    monkeypatch.setattr(emulators, "unpack", lambda packages, *_, **__: asked.extend(packages))
    found = emulators.emulator(ARM, tmp_path / "work")
    assert asked == ["qemu-user"]
    assert found.parent.parent.parent.parent == tmp_path / "work"
    fake_qemu(tmp_path / "bin", f"qemu-{ARM}-static", "qemu-aarch64 version 10.0.2")
    assert emulators.emulator(ARM, tmp_path / "work") == tmp_path / "bin" / f"qemu-{ARM}-static"


def test_without_qemu_and_packages_the_status_is_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_archive(*_: object, **__: object) -> None:
        raise EmulationError("found no archive")

    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(emulators, "unpack", no_archive)
    monkeypatch.setattr(os, "sched_setaffinity", lambda *_: None)
    assert isa_parity.main(["--machine", "Nehalem", "--work", str(tmp_path)]) == 2
    assert "install your system's qemu-user (found no archive)" in capsys.readouterr().err


def test_a_folder_that_is_no_bundle_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert isa_parity.main(["--bundle", str(tmp_path)]) == 2
    assert "linnet-export convert" in capsys.readouterr().err


@pytest.mark.parametrize("argument", [["--texts", "0"], ["--machine", "i386"]])
def test_unusable_arguments_are_status_2(argument: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        isa_parity.parse_args(argument)
    assert stopped.value.code == 2
