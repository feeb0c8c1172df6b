"""The real client against a hub on the loopback: connections that are cut."""

import os
import signal
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from commands import attend
from hub_files import ID, MIB, WEIGHTS, assert_same, fetch_all, size_of
from hub_server import LoopbackHub, wait_for
from linnet.errors import InputError
from linnet_export.errors import (
    HubConnectionError,
    HubOfflineError,
)
from linnet_export.source.hub import client, resolve


def test_a_cut_connection_resumes(hub: LoopbackHub, large: Path, capsys: pytest.CaptureFixture[str]) -> None:
    size = (large / WEIGHTS).stat().st_size
    hub.cut(ID, WEIGHTS, after=15 * MIB + 500)
    assert_same(fetch_all(resolve(ID)), large)
    first, second = hub.downloads(WEIGHTS)
    assert first.range is None and first.sent == 15 * MIB + 500
    assert second.range == f"bytes={15 * MIB}-"
    assert (second.status, second.sent) == (206, size - 15 * MIB)
    assert f"{WEIGHTS} (15.7 MB of 24.1 MB): the connection was cut; trying again" in capsys.readouterr().err


def test_a_connection_cut_over_and_over_goes_on_while_it_brings_something(hub: LoopbackHub, large: Path) -> None:
    hub.cut(ID, WEIGHTS, after=2 * MIB, times=11)  # more often than it would be tried in vain
    assert_same(fetch_all(resolve(ID)), large)
    assert [request.range for request in hub.downloads(WEIGHTS)] == [
        None, *(f"bytes={2 * MIB * number}-" for number in range(1, 12)),
    ]  # fmt: skip


def test_giving_up_keeps_what_there_is(hub: LoopbackHub, large: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub.cut(ID, WEIGHTS, after=15 * MIB + 500)
    hub.cut(ID, WEIGHTS, after=100, times=1 + len(client.PAUSES))  # less than would be kept
    with pytest.raises(
        HubConnectionError, match=r"the connection was cut.*run again .downloaded data is kept"
    ) as raised:
        fetch_all(resolve(ID))
    assert not isinstance(raised.value, InputError)  # the work failed: 1, not 2
    assert len(hub.downloads(WEIGHTS)) == 1 + len(client.PAUSES)
    assert capsys.readouterr().err.count("trying again") == len(client.PAUSES)
    hub.mend()
    hub.requests.clear()
    assert_same(fetch_all(resolve(ID)), large)
    assert [request.range for request in hub.downloads(WEIGHTS)] == [f"bytes={15 * MIB}-"]


def test_silence(hub: LoopbackHub, large: Path, capfd: pytest.CaptureFixture[str]) -> None:
    hub.cut(ID, WEIGHTS, after=15 * MIB)
    resolve(ID, silent=True).fetch([WEIGHTS], silent=True)
    assert len(hub.downloads(WEIGHTS)) == 2
    assert capfd.readouterr() == ("", "")


def test_no_bars_where_no_terminal_is(hub: LoopbackHub, large: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fetch_all(resolve(ID))
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_bar_for_a_large_file_on_a_terminal(hub: LoopbackHub, large: Path, cache: Path) -> None:
    import fcntl
    import pty
    import termios

    reader, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    code = f"from linnet_export.source.hub import resolve; s = resolve({ID!r}); s.fetch(s.conversion_files())"
    process = subprocess.Popen([sys.executable, "-c", code], env=hub.environment(cache), stderr=terminal)
    os.close(terminal)
    shown = b""
    with suppress(OSError):  # how the end shows on Linux
        while piece := os.read(reader, 1 << 16):
            shown += piece
    os.close(reader)
    assert process.wait(timeout=60) == 0
    assert f"{WEIGHTS}: 100%" in shown.decode()
    assert "json" not in shown.decode()


def test_accelerators_do_not_get_in_the_way(hub: LoopbackHub, large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_ENABLE_HF_TRANSFER", True)  # which is not installed
    hub.xet = True  # and has no Xet storage
    hub.cut(ID, WEIGHTS, after=15 * MIB)
    assert_same(fetch_all(resolve(ID)), large)
    assert {request.kind for request in hub.requests} == {"api", "resolve", "lfs"}
    assert hub.downloads(WEIGHTS)[1].range == f"bytes={15 * MIB}-"
    assert constants.HF_HUB_ENABLE_HF_TRANSFER and not constants.HF_HUB_DISABLE_XET
    assert constants.DOWNLOAD_CHUNK_SIZE == 10 * MIB


@pytest.mark.parametrize("kind", ["api", "resolve", "lfs"])
def test_a_busy_hub(kind: str, hub: LoopbackHub, folder: Path, commit: str, capsys: pytest.CaptureFixture[str]) -> None:
    hub.answer(kind, 503)
    assert_same(fetch_all(resolve(ID)), folder)
    assert "trying again" in capsys.readouterr().err


def test_an_interruption_resumes(hub: LoopbackHub, large: Path, cache: Path) -> None:
    hub.hold(ID, WEIGHTS, after=15 * MIB + 500)
    command = [
        sys.executable,
        "-c",
        f"from linnet_export.source.hub import resolve; resolve({ID!r}).fetch([{WEIGHTS!r}])",
    ]
    process = subprocess.Popen(
        command, env=hub.environment(cache), stderr=subprocess.PIPE, text=True, preexec_fn=attend
    )
    wait_for(lambda: hub.holding.is_set() and max(map(size_of, cache.rglob("*.incomplete"))) == 15 * MIB)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode != 0
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert resolve(ID, offline=True).revision == hub.repositories[ID].references["main"]
    with pytest.raises(HubOfflineError, match=WEIGHTS):
        resolve(ID, offline=True).fetch([WEIGHTS])
    hub.requests.clear()
    assert_same(fetch_all(resolve(ID)), large)
    assert [request.range for request in hub.downloads(WEIGHTS)] == [f"bytes={15 * MIB}-"]
