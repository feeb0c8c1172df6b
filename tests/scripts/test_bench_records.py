"""The benchmark's classes of processors, their files of results, the tables made of these, and its help."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmark.figures import figures
from benchmark.machine import CLASSES, processor_class
from benchmark.records import TUNING, keep, read

SCRIPTS = Path(__file__).parents[2] / "scripts"


def _cpuinfo(*processors: str, name: str = "flags\t\t") -> str:
    return "\n\n".join(f"processor\t: {row}\n{name}: {flags}" for row, flags in enumerate(processors)) + "\n"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("fpu sse sse2 sse4_1", "sse"),
        ("sse2 avx", "sse"),
        ("sse2 avx avx2", "avx2"),
        ("sse2 avx2 avx_vnni", "avx-vnni"),
        ("avx2 avx512f", "avx2"),
        ("avx2 avx512f avx512bw", "avx512"),
        ("avx2 avx512f avx512bw avx512_vnni avx_vnni", "avx512-vnni"),
        ("avx2 avx512f avx512bw avx512_vnni amx_bf16 amx_tile amx_int8", "amx"),
        ("avx2 avx512_vnni_of_another_name", "avx2"),
    ],
)
def test_the_class_of_an_x86_is_the_best_that_its_flags_show(flags: str, expected: str) -> None:
    assert processor_class(_cpuinfo(flags, flags), "x86_64") == expected


@pytest.mark.parametrize(
    ("features", "expected"),
    [("fp asimd", "neon"), ("fp asimd asimddp", "neon-dotprod"), ("asimd asimddp sve i8mm", "i8mm"), ("fp", "unknown")],
)
def test_the_class_of_an_arm_is_the_best_that_its_features_show(features: str, expected: str) -> None:
    assert processor_class(_cpuinfo(features, name="Features\t"), "aarch64") == expected


def test_unlike_processors_have_the_class_of_the_lesser() -> None:
    assert (
        processor_class(_cpuinfo("asimd asimddp i8mm", "asimd asimddp", name="Features\t"), "aarch64") == "neon-dotprod"
    )


def test_a_machine_that_says_nothing_is_of_no_class() -> None:
    assert processor_class("", "x86_64") == "unknown"
    assert processor_class(_cpuinfo("vsx"), "ppc64le") == "unknown"
    assert len(set(CLASSES)) == len(CLASSES) == 10


def _entry(*rows: str, rounds: int = 5, speed: float = 100.0, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"speed": speed, "p50": 8.0, "first": 0.3, "rss": 170.0, "anonymous": 120.0, "size": 130.0}
    row |= {"closeness": {"agreement": 99.5, "sure_agreement": 100.0, "mean_difference": 0.003}}
    found = {name: row | {"ratios": {"speed": 1.5}} for name in rows}
    settings = {"rounds": rounds, "tweets": 1000, "single": 200, "threads": 2}
    origin = {"machine": "m", "versions": {"slim": {"linnet": "0.1"}}, "commit": "abc", "date": "2026-11-28"}
    return {"title": "t", "rows": found, "failed": {}, "settings": settings, **origin, **more}


def test_a_shape_that_is_measured_again_replaces_itself_alone(tmp_path: Path) -> None:
    assert keep(tmp_path / "new", "avx2", "roberta-base", _entry("linnet", "optimum")) is None
    assert keep(tmp_path / "new", "avx2", "default", _entry("linnet")) is None
    assert keep(tmp_path / "new", "avx2", "roberta-base", _entry("linnet", "optimum", "openvino", speed=7)) is None
    shapes = read(tmp_path / "new")["avx2"]["shapes"]
    assert list(shapes) == ["roberta-base", "default"]
    assert list(shapes["roberta-base"]["rows"]) == ["linnet", "optimum", "openvino"]
    assert shapes["roberta-base"]["rows"]["linnet"]["speed"] == 7 and shapes["default"]["machine"] == "m"
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["avx2.json"]


def test_what_is_poorer_than_the_stored_is_not_kept(tmp_path: Path) -> None:
    keep(tmp_path, "avx2", "default", _entry("linnet", "optimum", lengths={}))
    before = (tmp_path / "avx2.json").read_bytes()
    for poorer, reason in (
        (_entry("linnet", lengths={}), "also has optimum;"),
        (_entry("linnet", "optimum"), "also has lengths;"),
        (_entry("linnet", "optimum", lengths={}, rounds=1), "has rounds 5, this one 1;"),
    ):
        told = keep(tmp_path, "avx2", "default", poorer)
        assert told and reason in told and "take default out of" in told
    assert (tmp_path / "avx2.json").read_bytes() == before


def test_a_file_of_another_class_is_refused(tmp_path: Path) -> None:
    (tmp_path / "amx.json").write_text(json.dumps({"class": "avx2"}))
    with pytest.raises(SystemExit, match="expected the results of the class amx"):
        read(tmp_path)


def test_figures_have_a_column_a_class_and_blanks_where_nothing_was_measured(tmp_path: Path) -> None:
    ours = {"8": {"p50": {"linnet": 1.25}, "ratio": {"onnxruntime": 0.8}}}
    keep(tmp_path, "avx512-vnni", "roberta-base", _entry("linnet", "onnxruntime", lengths=ours))
    keep(tmp_path, "avx2", "roberta-base", _entry("linnet", "openvino", speed=42.0))
    keep(tmp_path, "avx2", "minilm", _entry("linnet", speed=9.0))
    said = figures(tmp_path)
    assert "|  | avx2 | avx512-vnni |" in said
    assert "| Linnet, tweets/s | 42.0 | 100 |" in said
    assert "| Linnet / OpenVINO, NNCF INT8 (static), sorted batches | 1.50 × |  |" in said
    assert "| a text of 8 tokens, Linnet |  | 1.25 ms |" in said
    assert "| Linnet, tweets/s | 9.0 |  |" in said
    assert "CTranslate2" not in said
    assert "- avx2: m; 5 rounds, 1000 tweets in bulk, 200 one at a time, 2 threads; linnet 0.1; commit abc" in said


def test_figures_show_the_tuning(tmp_path: Path) -> None:
    tuned = _entry() | {"speed": {"": 50.0, "alone:640": 50.5}}
    keep(tmp_path, "avx2", "default", tuned, part=TUNING)
    said = figures(tmp_path)
    assert "| Linnet's own choice | 50.0 |" in said and "| 640 tokens, alone | 50.5 |" in said


def _bench(tree: Path, *arguments: str) -> str:
    told = {name: value for name, value in os.environ.items() if name != "LINNET_DATA"} | {"PYTHON": sys.executable}
    return subprocess.run(
        [tree / "scripts" / "bench", *arguments], env=told, check=True, capture_output=True, text=True
    ).stdout


def test_help_and_figures_install_nothing(tmp_path: Path) -> None:
    shutil.copytree(SCRIPTS / "benchmark", tmp_path / "scripts" / "benchmark")
    shutil.copy(SCRIPTS / "bench", tmp_path / "scripts" / "bench")
    assert "--figures" in _bench(tmp_path, "--shapes", "tiny", "--help")
    assert "Nothing is measured yet" in _bench(tmp_path, "--figures", "--results", str(tmp_path))
    with pytest.raises(subprocess.CalledProcessError) as refused:
        _bench(tmp_path, "--shapes", "none")
    assert refused.value.returncode == 2 and "invalid choice: 'none'" in refused.value.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["scripts"]


def test_help_needs_the_standard_library_alone() -> None:
    told = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    for arguments in (["--help"], ["--figures"]):
        command = [sys.executable, "-S", "-m", "benchmark", *arguments]  # -S: no package that is installed
        subprocess.run(command, env=told, check=True, capture_output=True)
