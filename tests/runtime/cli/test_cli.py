import csv
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import linnet
import pytest
from commands import TIMEOUT, Run, ended, linnet_process, names
from linnet.names import CONFIG, WEIGHTS

Replace = Callable[[Path, bytes], None]

TEXTS = ["Good news!", "What an awful day.", "It is nine."]


def test_texts_are_classified(run: Run, model: linnet.Classifier) -> None:
    result = run("classify", *TEXTS)
    assert result.status == 0
    assert result.err == ""
    lines = [line.split("\t") for line in result.out.split("\n")[:-1]]
    assert [text for _, _, text in lines] == TEXTS
    assert [label for label, _, _ in lines] == [prediction.label for prediction in model(TEXTS)]
    assert [float(score) for _, score, _ in lines] == pytest.approx([found.score for found in model(TEXTS)], abs=1e-4)


def test_json_is_one_object_a_line(run: Run, model: linnet.Classifier) -> None:
    for argv in (["--json", *TEXTS], [*TEXTS, "--json"]):
        result = run("classify", *argv)
        assert result.status == 0
        assert [list(row) for row in result.rows] == [["text", "label", "score", "scores"]] * 3
        for row, text, prediction in zip(result.rows, TEXTS, model(TEXTS), strict=True):
            assert row["text"] == text
            assert linnet.Prediction(row["label"], row["score"], row["scores"]) == prediction


def test_an_empty_text_is_a_text(run: Run) -> None:
    assert [row["text"] for row in run("classify", "--json", "").rows] == [""]


def test_standard_input_is_a_text_a_line(run: Run) -> None:
    result = run("classify", "--json", stdin="one\n\ntwo\r\n thr\u2028ee\u0085\x0b\rmore\n🙂".encode())
    assert result.status == 0
    assert [row["text"] for row in result.rows] == ["one", "", "two", " thr\u2028ee\u0085\x0b\rmore", "🙂"]


def test_an_empty_standard_input_has_no_texts(run: Run) -> None:
    result = run("classify", "--json")
    assert (result.status, result.out, result.err) == (0, "", "note: standard input has no texts\n")


@pytest.mark.parametrize(("name", "content"), [("a.txt", ""), ("a.csv", "text\n"), ("a.csv", ""), ("a.jsonl", "\n")])
def test_an_input_without_texts_is_told(run: Run, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    result = run("classify", "--json", "--input", tmp_path / name)
    assert (result.status, result.out, result.err) == (0, "", f"note: {tmp_path / name} has no texts\n")


def test_more_texts_than_a_chunk_keep_their_places(run: Run) -> None:
    texts = [str(number) for number in range(1100)]
    result = run("classify", "--json", stdin="\n".join(texts).encode())
    assert [row["text"] for row in result.rows] == texts


@pytest.mark.parametrize(
    ("name", "content", "column"),
    [
        ("a.txt", "one\n\ntwo", None),
        ("a.csv", 'id,text\n1,one\n2,""\n3,two\n', None),
        ("a.csv", "tweet,text\none,x\n,x\ntwo,x\n", "tweet"),
        ("a.tsv", "id\ttweet\n1\tone\n2\t\n3\ttwo\n", "tweet"),
        ("a.jsonl", '{"text": "one"}\n{"text": ""}\n{"text": "two"}', None),
        ("a.jsonl", '{"tweet": "one"}\n{"tweet": ""}\n{"tweet": "two"}', "tweet"),
    ],
)
def test_input_is_read_by_its_suffix(run: Run, tmp_path: Path, name: str, content: str, column: str | None) -> None:
    (tmp_path / name).write_text(content)
    result = run("classify", "--json", "--input", tmp_path / name, *(["--column", column] if column else []))
    assert result.status == 0
    assert [row["text"] for row in result.rows] == ["one", "", "two"]


def test_output_is_written_by_its_suffix(run: Run, tmp_path: Path, model: linnet.Classifier) -> None:
    labels = [prediction.label for prediction in model(TEXTS)]
    for suffix in (".jsonl", ".txt", ".csv", ".tsv"):
        result = run("classify", *TEXTS, "--output", tmp_path / f"a{suffix}")
        assert (result.status, result.out, result.err) == (0, "", f"3 texts → {tmp_path / f'a{suffix}'}\n")
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [(row["text"], row["label"]) for row in rows] == list(zip(TEXTS, labels, strict=True))
    lines = [line.split("\t") for line in (tmp_path / "a.txt").read_text().splitlines()]
    assert [(text, label) for label, _, text in lines] == list(zip(TEXTS, labels, strict=True))
    for suffix, delimiter in ((".csv", ","), (".tsv", "\t")):
        with (tmp_path / f"a{suffix}").open(newline="", encoding="utf-8") as stream:
            table = list(csv.DictReader(stream, delimiter=delimiter))
        scores = [f"score_{label}" for label in model.labels]
        assert list(table[0]) == ["text", "label", "score", *scores, "truncated"]
        assert [(row["text"], row["label"]) for row in table] == list(zip(TEXTS, labels, strict=True))
    assert len(names(tmp_path)) == 4


def test_output_never_replaces_its_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,one\n2,two\n")
    (tmp_path / "link.csv").symlink_to("a.csv")
    for output in ("a.csv", "link.csv"):
        refused = run("classify", "--input", tmp_path / "a.csv", "--output", tmp_path / output)
        assert refused.status == 2
        assert "is also the input" in refused.err
    assert (tmp_path / "a.csv").read_text() == "id,text\n1,one\n2,two\n"
    (tmp_path / "a.txt").write_text("one")
    refused = run("classify", "--input", tmp_path / "a.txt", "--output", tmp_path / "a.txt")
    assert "a.txt is also the input, and would overwrite it: name another file" in refused.err
    absent = run("classify", "--input", tmp_path / "absent.csv", "--output", tmp_path / "a.csv")
    assert absent.status == 2
    assert "absent.csv" in absent.err


def test_no_preprocess_takes_the_texts_as_they_are(run: Run, model: linnet.Classifier) -> None:
    text = "@someone http://t.co/abc"
    (row,) = run("classify", "--json", "--no-preprocess", text).rows
    assert row["scores"] == model(text, preprocess=False).scores
    assert row["scores"] != model(text).scores


def test_a_bundle_may_be_named(run: Run, bundle_copy: Path) -> None:
    assert run("classify", "Good news!", "--bundle", bundle_copy).status == 0


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["a text", "--input", "a.csv"], "found both"),
        (["a text", "--column", "text"], "--input"),
        (["--column", "text"], "--input"),
        (["--input", "nowhere.csv"], "No such file"),
        (["--input", "a.xlsx"], ".jsonl"),
        (["--input", "a.txt", "--column", "text"], "--column"),
        (["a text", "--output", "a.xlsx"], ".jsonl"),
        (["a text", "--output", "a"], "no suffix"),
        (["a text", "--output", "nowhere/a.csv"], "nowhere/a.csv"),
        (["a text", "--threads", "0"], "at least 1"),
        (["a text", "--threads", "two"], "at least 1"),
        (["a text", "--threads", "513"], "at most 512"),
        (["a text", "--threads", "9" * 5000], "at most 512"),
        (["--input", ""], "--input: the path is empty"),
        (["a text", "--output", ""], "--output: the path is empty"),
        (["a text", "--bundle", ""], "--bundle: the path is empty"),
        (["a text", "--bundle", "nowhere"], "nowhere"),
        (["a text", "--nonsense"], "--nonsense"),
        (["-x"], "unrecognized arguments: -x; a text that starts with - stands after --"),
    ],
)
def test_unusable_arguments_exit_with_2(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("classify", *argv)
    assert result.status == 2
    assert told in result.err
    assert result.out == ""
    assert names(tmp_path) == []


@pytest.mark.parametrize("argv", [[], ["sing"], ["info", "nowhere"], ["verify", "nowhere"]])
def test_an_unusable_command_exits_with_2(run: Run, argv: list[str]) -> None:
    result = run(*argv)
    assert result.status == 2
    assert "linnet: " in result.err


@pytest.mark.parametrize("command", ["classify", "info", "verify"])
def test_without_the_default_bundle_a_command_exits_with_2(run: Run, no_default: None, command: str) -> None:
    result = run(command)
    assert result.status == 2
    assert "install linnet-default" in result.err


def test_input_that_is_not_utf8_exits_with_2_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    lines = b"fine\n" * 600 + b"caf\xe9\n"
    (tmp_path / "a.txt").write_bytes(lines)
    for argv, stdin in ((["--input", tmp_path / "a.txt"], b""), ([], lines)):
        result = run("classify", *argv, "--output", tmp_path / "out.csv", stdin=stdin)
        assert result.status == 2
        assert "line 601" in result.err
        assert "UTF-8" in result.err
        assert names(tmp_path) == ["a.txt"]


def test_a_text_that_no_encoding_can_hold_exits_with_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "\\ud83d"}')
    for argv in (["caf\ud83d"], ["--input", tmp_path / "a.jsonl"]):
        result = run("classify", *argv)
        assert result.status == 2
        assert "lone surrogate" in result.err


def test_a_folder_in_place_of_the_output_exits_with_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    result = run("classify", "a text", "--output", tmp_path / "a.csv")
    assert result.status == 2
    assert str(tmp_path / "a.csv") in result.err


@pytest.mark.parametrize("command", ["classify", "info", "verify"])
def test_an_altered_bundle_exits_with_1(run: Run, bundle_copy: Path, replace: Replace, command: str) -> None:
    replace(bundle_copy / CONFIG, b"{}")
    result = run(command, *(["--bundle"] if command == "classify" else []), bundle_copy)
    assert result.status == 1
    assert f"{bundle_copy / CONFIG}" in result.err
    assert "copy the bundle again" in result.err
    assert result.out == ""


def test_verify_says_that_all_is_well(run: Run, bundle_copy: Path, model: linnet.Classifier) -> None:
    result = run("verify", bundle_copy)
    assert result.status == 0
    assert f" {len(model.bundle.manifest.files)} files" in result.out
    assert str(bundle_copy) in result.out
    assert run("verify").status == 0
    assert result.err == ""


def test_verify_names_what_the_manifest_does_not(run: Run, bundle_copy: Path) -> None:
    for name in ("a.txt", "onnx/b.onnx"):
        (bundle_copy / name).write_text("")
    result = run("verify", bundle_copy)
    assert result.status == 0
    assert re.findall("note: (.*) is not in the manifest", result.err) == [
        str(bundle_copy / name) for name in ("a.txt", "onnx/b.onnx")
    ]


def test_verify_finds_altered_weights(run: Run, bundle_copy: Path, replace: Replace, model: linnet.Classifier) -> None:
    content = (bundle_copy / WEIGHTS).read_bytes()
    replace(bundle_copy / WEIGHTS, content[:-1] + bytes([content[-1] ^ 1]))
    result = run("verify", bundle_copy)
    assert result.status == 1
    assert str(bundle_copy / WEIGHTS) in result.err
    assert "altered" in result.err
    assert f" 1 of {len(model.bundle.manifest.files)} files" in result.err
    assert result.out == ""


def test_info_says_what_a_bundle_is(run: Run, default: Path, model: linnet.Classifier) -> None:
    for argv in ([], [default]):
        shown = run("info", *argv)
        assert shown.status == 0
        told = run("info", "--json", *argv)
        assert told.status == 0
        (facts,) = told.rows
        assert facts["bundle"] == str(default)
        assert facts["task"] == "text-classification"
        assert facts["labels"] == list(model.labels)
        assert facts["preprocessing"] == model.bundle.settings.preprocessing
        assert facts["max_length"] == model.bundle.settings.max_length
        assert facts["quantization"] == model.bundle.settings.quantization
        assert facts["format_version"] == 2
        assert {"source", "revision", "licence", "size"} < set(facts)
        del facts["prepared_note"]  # shown in place of "no", if there is one
        assert [line.split()[0] for line in shown.out.splitlines()] == list(facts)
        assert ", ".join(model.labels) in shown.out


@pytest.mark.parametrize("source", [None, "a checkpoint", []])
def test_info_of_a_bundle_with_a_malformed_source_is_no_traceback(
    run: Run, bundle_copy: Path, replace: Replace, source: object
) -> None:
    manifest = json.loads((bundle_copy / "manifest.json").read_bytes())
    replace(bundle_copy / "manifest.json", json.dumps({**manifest, "source": source}).encode())
    assert run("info", bundle_copy).status in (0, 1)


def test_help_shows_an_example_of_every_command(run: Run) -> None:
    result = run("--help")
    assert result.status == 0
    commands = re.findall(r"^    (\w+)  ", result.out, re.MULTILINE)
    assert {"classify", "info", "verify"} <= set(commands)
    for command in commands:
        shown = run(command, "--help")
        assert shown.status == 0
        examples = shown.out.partition("example")[2]
        assert f"linnet {command}" in examples


def test_version_is_told(run: Run) -> None:
    assert run("--version").out == f"linnet {linnet.__version__}\n"


def test_a_terminal_gets_a_table(run: Run, monkeypatch: pytest.MonkeyPatch, model: linnet.Classifier) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    head, *rows = run("classify", *TEXTS).out.splitlines()
    assert head.split() == ["label", *model.labels, "text"]
    assert [row.split()[0] for row in rows] == [prediction.label for prediction in model(TEXTS)]


def test_python_m_linnet_reads_and_writes_utf8() -> None:
    result = ended(linnet_process("classify", "--json"), "Ü 🙂\n".encode())
    assert result.status == 0
    assert result.err == ""
    assert [row["text"] for row in result.rows] == ["Ü 🙂"]


def test_output_is_utf8_whatever_the_locale() -> None:
    process = linnet_process("classify", "--json", env={"PYTHONIOENCODING": "ascii"})
    result = ended(process, "Ü 🙂\n".encode())
    assert "Traceback" not in result.err
    assert result.status == 0
    assert [row["text"] for row in result.rows] == ["Ü 🙂"]


def test_an_argument_that_is_not_utf8_exits_with_2() -> None:
    result = ended(linnet_process("classify", "fine", b"\xff abc"))
    assert result.status == 2
    assert result.err == (
        "linnet: argument 2: expected UTF-8, found byte 0xff at position 0; "
        "convert it first, for example: iconv -f latin1 -t utf-8\n"
    )


def test_a_reader_that_has_read_enough_gets_no_traceback() -> None:
    command = f"yes good | head -n 2000 | {sys.executable} -m linnet classify | head -n 1"
    script = f"set -o pipefail; {command}; echo ${{PIPESTATUS[2]}}"
    shell = subprocess.run(["bash", "-c", script], capture_output=True, timeout=TIMEOUT, text=True)
    line, status = shell.stdout.splitlines()
    assert line.endswith("\tgood")
    assert status == "0"
    assert shell.stderr == ""


def test_a_reader_that_reads_nothing_gets_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = linnet_process("classify", "good", stdout=writing, env={"PYTHONUNBUFFERED": ""})
    os.close(writing)
    result = ended(process)
    assert result.status == 0
    assert result.err == ""


def test_an_interrupt_while_it_waits_for_texts_is_no_traceback(tmp_path: Path) -> None:
    process = linnet_process("classify", "--json")
    assert process.stdin
    assert process.stdout
    process.stdin.write(b"\n")
    process.stdin.flush()
    process.stdout.readline()  # it has classified this, and waits for more
    process.send_signal(signal.SIGINT)
    result = ended(process)
    assert result.status == 130
    assert result.err == "linnet: interrupted\n"


def interrupted_at_the_import_of(module: str) -> "subprocess.CompletedProcess[str]":
    code = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
awaited = sys.argv.pop(1)
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == awaited:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from linnet.cli.console import main
sys.exit(main())
"""
    command = [sys.executable, "-c", code, module, "classify", "a text"]
    return subprocess.run(command, capture_output=True, timeout=TIMEOUT, text=True)


@pytest.mark.parametrize("module", ["argparse", "linnet.cli.main", "numpy", "onnxruntime"])
def test_an_interrupt_while_it_is_imported_ends_it_without_a_word(module: str) -> None:
    done = interrupted_at_the_import_of(module)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_an_interrupt_while_the_tokenizer_is_imported_ends_it_as_any_other() -> None:
    """Only some bundles need it, so that it is imported when the work has begun."""
    done = interrupted_at_the_import_of("tokenizers")
    assert (done.returncode, done.stdout) == (130, "") and done.stderr.startswith("linnet: interrupted")


def test_an_interrupt_that_is_ignored_stays_ignored() -> None:
    code = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
from linnet.cli.console import main
assert main() == 0 and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
"""
    command = [sys.executable, "-c", code, "classify", "a text"]
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", [["classify"], ["embed", "--bundle"]])
def test_a_pipe_gets_an_answer_before_it_is_closed(command: list[str], tiny: Path) -> None:
    bundle = [str(tiny)] if command[-1] == "--bundle" else []
    process = linnet_process(*command, *bundle, "--json", env={"PYTHONUNBUFFERED": ""})
    assert process.stdin
    assert process.stdout
    for texts in (["one"], ["two", "three"], [""]):
        process.stdin.write("".join(f"{text}\n" for text in texts).encode())
        process.stdin.flush()
        assert [json.loads(process.stdout.readline())["text"] for _ in texts] == texts
    assert ended(process, b"no newline").rows[0]["text"] == "no newline"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals here")
def test_a_person_at_a_terminal_gets_each_answer_at_once() -> None:
    person, terminal = os.openpty()
    process = linnet_process("classify", "--json", stdin=terminal)
    os.close(terminal)
    assert process.stdout
    for text in ("one", "two"):
        os.write(person, f"{text}\n".encode())
        assert json.loads(process.stdout.readline())["text"] == text
    os.write(person, b"\x04")  # Ctrl-D
    result = ended(process)
    os.close(person)
    assert (result.status, result.out) == (0, "")
    assert "Ctrl-D" in result.err


def test_an_interrupt_leaves_no_half_output(tmp_path: Path) -> None:
    process = linnet_process("classify", "--output", str(tmp_path / "a.csv"))
    assert process.stdin
    process.stdin.write(b"a text\n")
    process.stdin.flush()
    deadline = TIMEOUT * 20
    while not names(tmp_path) and deadline:  # until it has begun to write
        deadline -= 1
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
    process.send_signal(signal.SIGINT)
    assert ended(process).status == 130
    assert names(tmp_path) == []


def test_a_closed_standard_input_is_no_traceback() -> None:
    command = f"{sys.executable} -m linnet classify <&-"
    shell = subprocess.run(["bash", "-c", command], capture_output=True, timeout=TIMEOUT, text=True)
    assert "Traceback" not in shell.stderr
    assert shell.returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes it")
def test_notes_do_not_go_among_the_answers_where_there_is_no_standard_error(tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_text("")
    command = [sys.executable, "-m", "linnet", "classify", "--json", "--input", str(tmp_path / "none.txt")]
    done = subprocess.run(["sh", "-c", '"$@" 2>&-', "sh", *command], stdout=subprocess.PIPE, text=True)
    assert (done.returncode, done.stdout) == (0, "")
