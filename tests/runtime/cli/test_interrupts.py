"""Signals that end a command: at any moment, several of them, and whatever the main thread is doing."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import TIMEOUT, attend, ended, linnet_process, names

if sys.platform == "win32":
    pytest.skip("Windows has no such signals", allow_module_level=True)

MESSAGE = "linnet: interrupted; no partly written file is left\n"
WITHOUT_FILES = "linnet: interrupted\n"
"""What is said where no file was being written."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def wait_for(condition: "Path | subprocess.Popen[bytes]") -> None:
    """Waits until a folder has a file, or a process has ended."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if names(condition) if isinstance(condition, Path) else condition.poll() is not None:
            return
        time.sleep(0.002)
    raise AssertionError(f"{condition} did not get there")


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A file that takes far longer to classify than a test waits."""
    file = tmp_path / "many.txt"
    file.write_text("".join(f"the bridge {number} is good\n" for number in range(300_000)))
    return file


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("times", [1, 3])
def test_a_signal_at_any_moment_ends_it_tidily(many: Path, number: signal.Signals, times: int) -> None:
    folder = many.parent / "out"
    folder.mkdir()
    moments = random.Random(f"{number} {times}")
    for _ in range(4):
        process = linnet_process("classify", "--input", str(many), "--output", str(folder / "a.csv"), "--threads", "2")
        wait_for(folder)
        time.sleep(moments.random() * 0.2)
        for _ in range(times):
            process.send_signal(number)
            time.sleep(moments.random() * 0.01)
        result = ended(process)
        assert result.status == 128 + number
        if result.err == MESSAGE:
            assert names(folder) == []
        else:  # before the file was locked: an empty one may be left, and the next run takes it over
            assert result.err == WITHOUT_FILES
            assert all((name, (folder / name).stat().st_size) == ("a.csv.partial", 0) for name in names(folder))


BUSY = """
import argparse, hashlib, signal, sys, threading
from pathlib import Path
from linnet.cli.command import run_command
from linnet.system.files import written_whole
PATCH

def run(args):
    with written_whole(Path(sys.argv[1], "a.csv")) as stream:
        stream.write("half")
        WORK
    return 0

signal.signal(signal.SIGINT, signal.SIG_DFL)
sys.exit(run_command(argparse.Namespace(load=lambda: run), "linnet"))
"""
NATIVE = "hashlib.pbkdf2_hmac('sha256', b'', b'', 2_000_000_000)  # lets other threads run, but no handler of a signal"


def busy(folder: Path, work: str, patch: str = "") -> "subprocess.Popen[bytes]":
    code = BUSY.replace("WORK", work).replace("PATCH", patch)
    command = [sys.executable, "-c", code, str(folder)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=attend
    )


def test_where_a_file_of_another_run_is_left_it_is_not_said_that_none_is(tmp_path: Path) -> None:
    theirs = "from linnet.system.temporary import finally_doing; stack = finally_doing(lambda: ''); stack.__enter__()"
    process = busy(tmp_path, f"{theirs}; print(flush=True); threading.Event().wait()")
    assert process.stdout and process.stdout.readline() == b"\n"
    process.send_signal(signal.SIGTERM)
    result = ended(process)
    assert (result.status, result.err, names(tmp_path)) == (143, WITHOUT_FILES, [])


@pytest.mark.parametrize("number", SIGNALS)
def test_native_code_in_the_main_thread_does_not_delay_the_end(tmp_path: Path, number: signal.Signals) -> None:
    process = busy(tmp_path, NATIVE)
    wait_for(tmp_path)
    time.sleep(0.1)
    process.send_signal(number)
    result = ended(process)
    assert (result.status, result.err, names(tmp_path)) == (128 + number, MESSAGE, [])


@pytest.mark.parametrize("work", ["threading.Event().wait()", "sys.stdin.read()", "while True: pass"])
def test_without_a_thread_of_its_own_it_ends_too(tmp_path: Path, work: str) -> None:
    patch = 'def start(self): raise RuntimeError("can\'t start new thread")\nthreading.Thread.start = start'
    process = busy(tmp_path, work, patch)
    wait_for(tmp_path)
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    result = ended(process)
    assert (result.status, result.err, names(tmp_path)) == (143, MESSAGE, [])


def test_what_swallows_every_exception_does_not_delay_the_end(tmp_path: Path) -> None:
    work = "exec('while True:\\n try:\\n  while True: pass\\n except BaseException: pass')"
    process = busy(tmp_path, work)
    wait_for(tmp_path)
    process.send_signal(signal.SIGINT)
    result = ended(process)
    assert (result.status, result.err, names(tmp_path)) == (130, MESSAGE, [])


def test_a_pipe_that_nobody_reads_does_not_delay_the_end(many: Path) -> None:
    """Neither if the message has no room in it."""
    reading, writing = os.pipe()
    process = linnet_process("classify", "--input", str(many), stdout=writing, stderr=writing)
    os.close(writing)
    os.read(reading, 1)
    time.sleep(2)  # until the pipe is full
    process.send_signal(signal.SIGTERM)
    wait_for(process)
    os.close(reading)
    assert ended(process).status == 143


def test_rows_that_were_answered_are_written_whole(many: Path) -> None:
    process = linnet_process("classify", "--input", str(many), "--json", env={"PYTHONUNBUFFERED": ""})
    assert process.stdout
    first = os.read(process.stdout.fileno(), 1)
    process.send_signal(signal.SIGINT)
    result = ended(process)
    assert (result.status, result.err) == (130, WITHOUT_FILES)
    lines = (first.decode() + result.out).split("\n")
    assert lines.pop() == ""
    assert [json.loads(line)["text"] for line in lines] == [f"the bridge {n} is good" for n in range(len(lines))]


def test_a_program_that_handles_the_signal_itself_goes_on(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from linnet.cli.main import main
seen = []
signal.signal(signal.SIGTERM, lambda *_: seen.append("TERM"))
signal.signal(signal.SIGHUP, signal.SIG_IGN)
import linnet.cli.commands.classify as command
run = command.run_classify
def interrupted(args):
    os.kill(os.getpid(), signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGTERM)
    return run(args)
command.run_classify = interrupted
assert main(["classify", "a text"]) == 0 and seen == ["TERM"]
os.kill(os.getpid(), signal.SIGTERM)
assert seen == ["TERM", "TERM"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, preexec_fn=attend, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_after_the_command_signals_are_as_before() -> None:
    code = """
import signal, sys, threading
signal.signal(signal.SIGINT, signal.SIG_DFL)
from linnet.cli.main import main
assert main(["info"]) == 0
assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == [signal.SIG_DFL] * 3
assert signal.set_wakeup_fd(-1) == -1
for thread in threading.enumerate():
    if thread is not threading.main_thread():
        thread.join(10)
assert threading.active_count() == 1
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
