"""Who may ask, and what only an administrator may."""

import signal
import time
from pathlib import Path

import pytest
from linnet.cli.commands.serve import options_of
from linnet.cli.main import main, parse_args
from linnet.errors import InputError
from linnet.serving.access import Access, Keys, sha256
from linnet.serving.failures import RequestError
from served import Running, running


def keys(folder: Path, *lines: str) -> Path:
    file = folder / "keys.txt"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_keys_are_kept_as_hashes(tmp_path: Path) -> None:
    file = keys(tmp_path, "# clients", f"anna:{sha256('one')}  # comment", sha256("two"))
    found = Keys(file)
    assert found.accept("one") and found.accept("two")
    assert not found.accept("") and not found.accept(sha256("one"))
    keys(tmp_path, sha256("three"))
    found.reload()
    assert found.accept("three") and not found.accept("one")
    keys(tmp_path, "no hash")
    with pytest.raises(InputError, match="line 1"):
        found.reload()
    assert found.accept("three")


@pytest.mark.parametrize("content", ["", "# nothing", "abc", f"na me:{'0' * 64}", "0" * 63])
def test_a_file_without_keys_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError):
        Keys(keys(tmp_path, content))


def test_a_new_key_fits_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--new-key"]) == 0
    (_, key), (_, line) = (shown.split() for shown in capsys.readouterr().out.splitlines())
    assert Keys(keys(tmp_path, line)).accept(key)


@pytest.mark.parametrize(
    ("host", "header", "origin", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1:8080", "http://127.0.0.1:8080", True),
        ("127.0.0.1", "localhost:8080", "http://localhost:8080", True),
        ("127.0.0.1", "evil.example:8080", "http://evil.example:8080", False),
        ("127.0.0.1", "127.0.0.1:8080", "http://evil.example", False),
        ("127.0.0.1", "127.0.0.1:8080", "null", False),
        ("127.0.0.1", "127.0.0.1:8080", "http://[", False),
        ("127.0.0.1", "127.0.0.1:8080", "https://page.example", True),
        ("0.0.0.0", "box.example:8080", "http://box.example:8080", True),
        ("0.0.0.0", "box.example:8080", "http://evil.example", False),
    ],
)
def test_pages_of_other_origins_may_not_ask(host: str, header: str, origin: str, allowed: bool) -> None:
    access = Access(None, None, host, ["https://page.example"])
    if allowed:
        access.check("key", "", origin, header)
    else:
        with pytest.raises(RequestError) as refused:
            access.check("key", "", origin, header)
        assert refused.value.status == 403


def test_scripts_of_an_allowed_page_may_read_what_answers_say() -> None:
    page = {"origin": "https://page.example"}
    with running("--origin", page["origin"], "--threads", "1") as server:
        answer = server.ask("POST", "/", {"inputs": "a"}, page)
        assert answer.status == 200 and answer.headers["access-control-allow-origin"] == page["origin"]
        exposed = set(answer.headers["access-control-expose-headers"].split(", "))
        assert {"retry-after", "x-linnet-model", "x-linnet-truncated"} == exposed
        assert server.ask("POST", "/", {"inputs": "a"}, {"origin": "https://other.example"}).status == 403


def test_an_address_that_others_reach_needs_keys() -> None:
    with pytest.raises(InputError, match="--keys"):
        options_of(parse_args(["serve", "--host", "0.0.0.0"]))
    assert options_of(parse_args(["serve", "--host", "0.0.0.0", "--no-keys"])).keys is None


@pytest.mark.parametrize("argv", [["a=x", "a=y"], ["x", "y"], ["a@latest=x"], ["a b=x"], ["a@=x"], ["=x"], ["a="]])
def test_bundles_need_names_of_their_own(argv: list[str]) -> None:
    with pytest.raises(InputError):
        options_of(parse_args(["serve", *argv]))


def test_a_server_with_keys(tmp_path: Path) -> None:
    file, admin = keys(tmp_path, f"anna:{sha256('one')}"), tmp_path / "admin.txt"
    admin.write_text(sha256("boss"))
    body = {"inputs": "a"}
    with running("--keys", file, "--admin", admin, "--threads", "1") as server:

        def status(method: str, path: str, key: str = "", body: object = None) -> int:
            return server.ask(method, path, body, {"authorization": f"Bearer {key}"} if key else {}).status

        assert [status("POST", "/", key, body) for key in ("", "two", "boss", "one")] == [401, 401, 401, 200]
        assert [status("GET", "/admin/models", key) for key in ("", "one", "boss")] == [401, 401, 200]
        assert [status("GET", path) for path in ("/health", "/ready", "/", "/metrics", "/models")] == [200] * 3 + [
            401
        ] * 2
        keys(tmp_path, f"anna:{sha256('new')}")
        server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 60
        while status("POST", "/", "new", body) != 200:
            assert time.monotonic() < deadline
        assert status("POST", "/", "one", body) == 401
        keys(tmp_path, "broken")
        server.process.send_signal(signal.SIGHUP)
        while not any(event["event"] == "keys not reloaded" for event in server.events):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert status("POST", "/", "new", body) == 200


def test_without_an_admin_token_nobody_administers(server: Running) -> None:
    answer = server.ask("POST", "/admin/models", {"name": "mood"})
    assert answer.status == 403 and "start the server with --admin FILE" in answer.json["error"]
