"""What was probably meant otherwise gets a note or an error, and never a wrong answer without a word."""

import difflib
import json
import random
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from commands import Run, ended, linnet_process, names
from linnet.cli.formats.suspicions import suspicion
from linnet.fields import nearest


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with files and a folder in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tweets.txt").write_text("good\nbad\n")
    (tmp_path / "my tweets.csv").write_text("text\ngood\n")
    (tmp_path / "README").write_text("good\n")
    (tmp_path / "data").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("texts", "command"),
    [
        (["tweets.txt"], "linnet classify --input tweets.txt;"),
        (["my tweets.csv"], "linnet classify --input 'my tweets.csv';"),
        (["README"], "linnet classify --input README --format txt;"),
        (["tweets.txt", "README"], "linnet classify --input tweets.txt;"),
        (["tweets.txt", "--column", "text"], "linnet classify --input tweets.txt;"),
        (["-"], "to read standard input, give no text, or --input -"),
    ],
)
def test_names_of_files_are_no_texts(run: Run, texts: list[str], command: str) -> None:
    result = run("classify", *texts)
    assert (result.status, result.out) == (2, "")
    assert f"expected a text, found {'the file ' if texts != ['-'] else ''}" in result.err
    assert command in result.err


def test_the_name_of_a_file_can_be_a_text(run: Run) -> None:
    assert [row["text"] for row in run("classify", "--json", stdin=b"README\n").rows] == ["README"]


@pytest.mark.parametrize("texts", [["Good news!"], ["It's fine", "x"], []])
def test_a_bundle_before_the_texts_is_told_its_place(run: Run, bundle_copy: Path, tiny: Path, texts: list[str]) -> None:
    for command, bundle in (("classify", bundle_copy), ("embed", tiny)):
        result = run(command, bundle, *texts)
        assert (result.status, result.out) == (2, "")
        expected = " ".join(map(shlex.quote, texts)) or "TEXT"
        assert f"linnet {command} --bundle {shlex.quote(str(bundle))} {expected}\n" in result.err


def test_names_among_texts_get_a_note_and_an_answer(run: Run) -> None:
    result = run("classify", "--json", "README", "data", "good")
    assert [row["text"] for row in result.rows] == ["README", "data", "good"]
    assert "note: 1 text is the name of a file: to read the texts in it: linnet classify --input README" in result.err
    assert "note: 1 text is the name of a folder, such as data" in result.err
    assert "name of a folder" in run("classify", "data").err


@pytest.mark.parametrize("text", ["", "x" * 5000, "a/b/c", "what\nnow", "good"])
def test_texts_that_are_no_names_get_no_note(run: Run, text: str) -> None:
    result = run("classify", text)
    assert (result.status, result.err) == (0, "")


def test_json_that_is_read_as_lines_gets_one_note(run: Run) -> None:
    result = run("classify", stdin=b'{"text": "good"}\n{"text": "bad"}\n')
    assert (result.status, len(result.out.splitlines())) == (0, 2)
    assert result.err == (
        "note: standard input: the first line looks like JSON: to read a text from each object, give --format jsonl\n"
    )
    assert "looks like JSON" in run("classify", '{"text": "good"}').err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"id": 1, "text": "good"}', "--format jsonl"),
        ("[", "--format jsonl"),
        ('[{"text": "good"}]', "--format jsonl"),
        ("id,text", "--format csv or tsv"),
        ('"id";"Tweet"', "--format csv or tsv"),
        ("text\tlabel", "--format csv or tsv"),
        ("264238274963451904\tpositive\tdown in the Atlantic city", "--format tsv"),
        ("one\rtwo\rthree\r", "tr '\\r' '\\n'"),
        ("", None),
        ("{not json}", None),
        ("[OK]", None),
        ("Well, text me, comment, or like", None),
        ("text", None),
        ("a\ttab", None),
        ("a line\r", None),
        ("[" * 100_000, None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_first_line_tells_what_a_file_is(line: str, told: str | None) -> None:
    found = suspicion(line)
    assert found is None if told is None else told in (found or "")


def test_texts_may_stand_on_both_sides_of_an_option(run: Run) -> None:
    for argv in (["A", "--threads", "1", "B"], ["--json", "A", "--threads", "1", "B"], ["A", "--json", "--", "B"]):
        result = run("classify", "--json", *argv)
        assert [row["text"] for row in result.rows] == ["A", "B"]
    result = run("classify", "A", "--json", "--", "--json", "-5")
    assert [row["text"] for row in result.rows] == ["A", "--json", "-5"]
    refused = run("classify", "A", "--threads", "1", "B", "--nonsense")
    assert (refused.status, refused.out) == (2, "")
    assert "unrecognized arguments: --nonsense" in refused.err
    assert "unrecognized arguments: b" in run("info", "a", "--json", "b").err


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["a text", "--json", "--output", "p.csv"], "--json conflicts with --output p.csv"),
        (["a text", "--format", "csv"], "--format says how a file or standard input is read"),
        (["a text", "--delimiter", ";"], "--delimiter says"),
        (["a text", "--no-quotes"], "--no-quotes says"),
        (["a text", "--column", ""], "--column says"),
        (["--format", "xlsx"], "invalid choice: 'xlsx'"),
        (["--errors", "ignore"], "invalid choice: 'ignore'"),
        (["--delimiter", ";"], "--delimiter is for tables, and the format is txt"),
        (["--format", "jsonl", "--no-quotes"], "--no-quotes is for tables, and the format is jsonl"),
        (["--format", "csv", "--delimiter", ";;"], "expected one character, such as ';', or the word tab, found ';;'"),
        (["--format", "csv", "--delimiter", ""], "expected one character"),
        (["--format", "csv", "--delimiter", '"'], "expected one character"),
        (["--input", "README"], "--format txt, csv, tsv, jsonl, parquet"),
        (["--input", "data"], "directory"),
        (["--format", "csv", "--column", ""], "expected a column ''"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(run: Run, folder: Path, argv: list[str], told: str) -> None:
    before = names(folder)
    result = run("classify", *argv, stdin=b"text\ngood\n")
    assert (result.status, result.out) == (2, "")
    assert told in result.err
    assert names(folder) == before


@pytest.mark.parametrize(
    ("argv", "content"),
    [
        (["--format", "txt"], "good\nbad\n"),
        (["--format", "csv"], "id,text\n1,good\n2,bad\n"),
        (["--format", "csv", "--delimiter", ";", "--column", "tweet"], "id;tweet\n1;good\n2;bad\n"),
        (["--format", "csv", "--delimiter", "tab"], 'id\ttext\n1\t"good"\n2\tbad\n'),
        (["--format", "csv", "--delimiter", r"\t"], 'id\ttext\n1\t"good"\n2\tbad\n'),
        (["--format", "tsv"], "id\ttext\n1\tgood\n2\tbad\n"),
        (["--format", "jsonl", "--column", "tweet"], '{"tweet": "good"}\n{"tweet": "bad"}\n'),
    ],
)
def test_every_way_in_is_read_by_its_format(run: Run, folder: Path, argv: list[str], content: str) -> None:
    (folder / "file").write_text(content)
    for source, stdin in (([], content), (["--input", "-"], content), (["--input", "file"], "")):
        result = run("classify", "--json", *source, *argv, stdin=stdin.encode())
        assert (result.status, result.err) == (0, "")
        assert [row["text"] for row in result.rows] == ["good", "bad"]


def test_quotes_of_csv_may_be_text(run: Run) -> None:
    content = b'text,id\n"good,1\nbad",2\n'
    result = run("classify", "--json", "--format", "csv", "--no-quotes", stdin=content)
    assert [row["text"] for row in result.rows] == ['"good', 'bad"']
    assert run("classify", "--format", "csv", stdin=content).status == 0  # one row
    assert "tabs, not by ','" in run("classify", "--format", "csv", "--no-quotes", stdin=b"id,text\n1,a, b\n").err


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="there is no /dev/stdin here")
def test_the_device_of_standard_input_is_answered_as_it_arrives() -> None:
    process = linnet_process("classify", "--json", "--input", "/dev/stdin", "--format", "csv")
    assert process.stdin
    assert process.stdout
    for lines in ("id,text\n1,good\n", '2,"two\nlines"\n', "3,bad\n\n"):
        process.stdin.write(lines.encode())
        process.stdin.flush()
        assert b'"label"' in process.stdout.readline()
    assert ended(process).status == 0


def test_the_end_says_how_many_texts_were_written(run: Run) -> None:
    assert run("classify", "good", "--output", "p.csv").err == "1 text → p.csv\n"
    many = "\n".join(str(number) for number in range(1100)).encode()
    assert run("classify", "--output", "p.csv", stdin=many).err == "1,100 texts → p.csv\n"
    assert run("classify", "--output", "p.csv").err == "note: standard input has no texts\n0 texts → p.csv\n"


def test_a_line_that_is_not_utf8_is_told_and_may_be_replaced(run: Run) -> None:
    lines = b"good\n" * 10 + b"caf\xe9\nbad\n"
    stopped = run("classify", "--json", stdin=lines)
    assert (stopped.status, len(stopped.rows)) == (2, 10)
    assert "standard input, line 11: expected UTF-8" in stopped.err
    assert "--errors replace" in stopped.err
    replaced = run("classify", "--json", "--errors", "replace", stdin=lines)
    assert [row["text"] for row in replaced.rows][-2:] == ["caf\ufffd", "bad"]
    assert (replaced.status, "1 line is not UTF-8, in line 11" in replaced.err) == (0, True)
    nothing = run("classify", "--output", "p.csv", stdin=lines)
    assert (nothing.status, Path("p.csv").exists()) == (2, False)


def test_rows_before_a_malformed_one_are_answered(run: Run) -> None:
    result = run("classify", "--json", "--format", "csv", "--strict", stdin=b"id,text\n1,good\n2,bad\n3,a, b\n")
    assert (result.status, [row["text"] for row in result.rows]) == (2, ["good", "bad"])
    assert "line 4" in result.err


C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_arguments_are_utf8_whatever_the_locale(folder: Path) -> None:
    result = ended(linnet_process("classify", "--json", "Ü 🙂".encode(), b"plain", env=C_LOCALE))
    assert (result.status, [row["text"] for row in result.rows]) == (0, ["Ü 🙂", "plain"])
    (folder / "ü.csv").write_text("größe¦Größe\na¦good\n", encoding="utf-8")
    options = ["--column", "Größe", "--delimiter", "¦", "--output", "ö.jsonl"]
    result = ended(linnet_process("classify", "--input", "ü.csv", *options, env=C_LOCALE))
    assert (result.status, result.err) == (0, "1 text → ö.jsonl\n")
    assert '"Größe": "good"' in (folder / "ö.jsonl").read_text(encoding="utf-8")
    refused = ended(linnet_process("classify", "--input", "ü.csv", env=C_LOCALE))
    assert "ü.csv: expected a column 'text', found 'größe¦Größe'" in refused.err
    assert "the file ü.csv: linnet" in ended(linnet_process("classify", "ü.csv", env=C_LOCALE)).err


def test_an_argument_that_is_not_utf8_may_be_replaced() -> None:
    for env in ({}, C_LOCALE):
        result = ended(linnet_process("classify", "--json", "--errors", "replace", b"caf\xe9", env=env))
        assert (result.status, [row["text"] for row in result.rows]) == (0, ["caf\ufffd"])
        assert ended(linnet_process("classify", b"caf\xe9", env=env)).status == 2


@pytest.mark.parametrize("before", [["--json"], ["--threads", "1"], ["--"]])
def test_an_option_before_the_command_is_refused(run: Run, before: list[str]) -> None:
    result = run(*before, "classify", "I love it")
    assert (result.status, result.out) == (2, "") and "linnet: error: " in result.err


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["clasify", "good"], "did you mean classify? (see linnet --help)"),
        (
            ["classify", "--inptu", "tweets.txt"],
            "arguments: --inptu; did you mean --input? (see linnet classify --help)",
        ),
        (["classify", "--inptu=a.txt", "--outptu=b.csv"], "did you mean --input and --output?"),
        (["classify", "--input", "README", "--format", "cvs"], "did you mean csv?"),
        (["classify", "-good"], "a text that starts with - stands after --"),
        (["classify", "a", "--in\nptu"], "arguments: --in\\nptu; did you mean --input?"),
        (["a\nb\u2028c"], "invalid choice: "),
        (["info", "a", "b\r\nc"], "unrecognized arguments: b\\nc (see linnet info --help)"),
        (["info", "--sha256"], "unrecognized arguments: --sha256 (see linnet info --help)"),
        (["classify", "--version"], "unrecognized arguments: --version (see linnet classify --help)"),
        ([], "the following arguments are required: COMMAND (see linnet --help)"),
    ],
)
def test_a_typo_in_the_arguments_is_told_in_one_line(run: Run, argv: list[str], told: str) -> None:
    result = run(*argv)
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert told in result.err
    assert run("classify", "--", "-good").status == 0


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet"])
@pytest.mark.parametrize(
    ("there", "given", "meant"), [("Text", [], "Text"), ("my text", ["--column", "My_Text"], "'my text'")]
)
def test_a_column_of_nearly_the_same_name_is_told(
    run: Run, folder: Path, suffix: str, there: str, given: list[str], meant: str
) -> None:
    file = folder / f"a.{suffix}"
    if suffix == "parquet":
        pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        parquet.write_table(pyarrow.table({"id": ["1"], there: ["good"]}), file)
    else:
        file.write_text(
            json.dumps({"id": 1, there: "good"}) + "\n"
            if suffix == "jsonl"
            else f"id,{there}\n1,good\n".replace(",", "\t" if suffix == "tsv" else ",")
        )
    result = run("classify", "--input", file, *given)
    assert (result.status, result.out) == (2, "")
    assert f"did you mean --column {meant}?" in result.err
    assert run("classify", "--input", file, "--column", shlex.split(meant)[0]).status == 0


def test_other_columns_of_nearly_the_same_name_are_told(run: Run, folder: Path) -> None:
    (folder / "a.csv").write_text("text,Label,Team\ngood,positive,a\n")
    assert "did you mean --label-column Label?" in run("evaluate", "--data", "a.csv").err
    found = run("evaluate", "--data", "a.csv", "--label-column", "Label", "--by", "team")
    assert found.status == 2 and "did you mean --by Team?" in found.err
    chosen = run("classify", "--input", "a.csv", "--columns", "label", "--output", "b.csv")
    assert chosen.status == 2 and "found 'text', 'Label', 'Team'; did you mean 'Label'?" in chosen.err
    unlike = run("classify", "--input", "a.csv", "--column", "body")
    assert unlike.status == 2 and unlike.err.endswith("; name one with --column\n")


def test_names_of_a_hostile_input_are_compared_in_little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its bounds, `nearest` takes seconds for these names. What it compares is counted, not timed."""
    compared: list[str] = []

    class Recording(difflib.SequenceMatcher[str]):
        def set_seq1(self, a: Sequence[str]) -> None:
            compared.append(str(a))
            super().set_seq1(a)

    monkeypatch.setattr(difflib, "SequenceMatcher", Recording)
    for length in (32, 99):
        compared.clear()
        shuffled = ("".join(random.Random(seed).choices("ab", k=length)) for seed in range(200))
        nearest("".join(random.Random("meant").choices("ab", k=length)), shuffled)
        assert len(compared) <= 51 and all(len(each) <= 32 for each in compared), length  # one is the empty start
    endless = iter(range(10**9))
    assert nearest("text", (f"{number}text" for number in endless)) and next(endless) <= 200
    assert nearest("text", ["x" * 10**6]) is None and nearest("x" * 10**6, ["x" * 99]) is None


def test_long_names_that_differ_by_case_only_are_found() -> None:
    names = [f"Name of a column that is longer than most names are, number {number}" for number in range(200)]
    assert nearest(names[-1].upper(), names) == names[-1]


def test_the_key_that_was_meant_is_looked_for_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(name: object, names: Iterable[str]) -> str | None:
        asked.append(str(name))
        return nearest(name, names)

    monkeypatch.setattr("linnet.cli.formats.rows.nearest", counting)
    result = run("classify", "--format", "jsonl", "--column", "bodi", stdin=b'{"body": "good"}\n' * 100)
    assert result.status == 2 and "did you mean --column body?" in result.err
    assert asked == ["bodi"]


def test_a_label_of_nearly_the_same_name_is_told(run: Run) -> None:
    for option, value in (("--label", "Negative"), ("--label", "negativ")):
        assert f"found {value!r}; did you mean 'negative'?" in run("explain", "good", option, value).err
    assert "did you mean 'positive'?" in run("classify", "good", "--min-score", "Positive=0.8").err
    Path("a.csv").write_text("text,label\ngood,x\n")
    assert "did you mean 'positive'?" in run("evaluate", "--data", "a.csv", "--map", "x=positiv").err


def test_a_list_of_objects_is_told_to_be_split(run: Run) -> None:
    refused = run("classify", "--format", "jsonl", stdin=b'[{"text": "good"}]\n')
    assert refused.status == 2 and "write one object per line: jq -c '.[]'" in refused.err


def test_a_table_is_no_file_of_its_labels(run: Run) -> None:
    Path("a.csv").write_text("text,label\ngood,positive\n")
    refused = run("evaluate", "--data", "a.csv", "--labels", "a.csv")
    assert refused.status == 2 and "omit --labels, and name the column of the labels with --label-column" in refused.err


@pytest.mark.parametrize("option", ["--input", "--output"])
def test_a_second_file_is_not_dropped_without_a_word(run: Run, folder: Path, option: str) -> None:
    result = run("classify", "--input", "tweets.txt", option, "other.csv", option, "my tweets.csv")
    assert (result.status, result.out) == (2, "")
    assert f"expected {option} once, found it twice" in result.err
    assert (folder / "my tweets.csv").read_text() == "text\ngood\n"


def test_a_dash_is_standard_output(run: Run, folder: Path) -> None:
    result = run("classify", "--input", "tweets.txt", "--output", "-", "--output-format", "csv")
    assert (result.status, result.out.count("\n")) == (0, 3)
    assert not (folder / "-").exists()


def test_a_file_that_is_not_there_is_told_as_such(run: Run) -> None:
    result = run("classify", "--input", "nowhere")
    assert (result.status, result.err) == (
        2,
        "linnet: nowhere: No such file or directory; name a file that can be read\n",
    )
