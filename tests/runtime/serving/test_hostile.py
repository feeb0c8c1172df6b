"""Clients that send too much, too slowly, or nothing sensible: bounded, and told why."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Running, running


@pytest.fixture(scope="module")
def strict(default: Path) -> Iterator[Running]:
    """A server with small limits."""
    options = ["--max-body", "20000", "--max-texts", "50", "--max-queue", "3000", "--timeout", "2", "--threads", "1"]
    with running(default, *options) as found:
        yield found


def connected(server: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


def received(client: socket.socket) -> bytes:
    """All that the server sends until it ends the connection."""
    parts = []
    try:
        while part := client.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_a_body_that_says_that_it_is_too_long_is_not_read(strict: Running) -> None:
    with connected(strict) as client:
        client.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n")
        answer = received(client)
    assert status(answer) == 413 and b"20000 bytes" in answer


def test_a_body_without_a_length_is_read_no_further_than_the_limit(strict: Running) -> None:
    sent = 0
    with connected(strict) as client:
        client.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            while sent < 100_000_000:
                sent += client.send(b"10000\r\n" + b"a" * 65536 + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert sent < 100_000_000
    assert strict.ask("GET", "/health").status == 200


def test_a_body_that_does_not_come_is_given_up(strict: Running) -> None:
    with connected(strict) as client:
        client.sendall(b'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"inp')
        assert status(received(client)) == 400


def test_a_head_that_does_not_end_is_cut_off(strict: Running) -> None:
    with connected(strict) as client:
        client.sendall(b"POST / HTTP/1.1\r\n")
        try:
            for _ in range(10_000):
                client.sendall(b"x-header: " + b"a" * 100 + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert received(client)[:12] in (b"HTTP/1.1 431", b"")


def test_one_endless_header_is_cut_off(strict: Running) -> None:
    with connected(strict) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nx: ")
        try:
            for _ in range(1000):
                client.sendall(b"a" * 10_000)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert received(client)[:12] in (b"HTTP/1.1 431", b"")


def test_a_whole_head_that_is_too_long_is_refused(strict: Running) -> None:
    assert strict.ask("GET", "/health", headers={"x": "a" * 40_000}).status == 431


def test_slow_heads_are_cut_off_and_others_are_answered(strict: Running) -> None:
    begun = [connected(strict) for _ in range(50)]
    for client in begun:
        client.sendall(b"GET /health HT")
    assert strict.ask("GET", "/health").status == 200
    assert [received(client) for client in begun] == [b""] * 50
    for client in begun:
        client.close()


@pytest.mark.parametrize(
    "sent",
    [b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n"],
)
def test_what_is_not_http_is_refused(strict: Running, sent: bytes) -> None:
    with connected(strict) as client:
        client.sendall(sent)
        assert status(received(client)) == 400


def test_too_many_texts_and_tokens_are_refused(strict: Running) -> None:
    assert strict.ask("POST", "/", {"inputs": ["a"] * 51}).status == 413
    assert strict.ask("POST", "/", {"inputs": ["a b c d e f g h " * 20] * 50}).status == 413
    assert strict.ask("POST", "/", {"inputs": ["a"] * 50}).status == 200


def test_other_methods_and_paths_are_told_where_to_look(strict: Running) -> None:
    for method, path, expected in (("DELETE", "/predict", 405), ("GET", "/nowhere", 404), ("POST", "/page/../x", 404)):
        answer = strict.ask(method, path)
        assert answer.status == expected and "/openapi.json" in answer.json["error"]
    known = {"message": "Not Found: /openapi.json lists the routes", "code": "not_found"}
    fault = {"type": "invalid_request_error", "param": None}
    assert strict.ask("GET", "/v1/nowhere").json == {"error": known | fault}
    known = {"message": "Method Not Allowed: /openapi.json lists the routes", "code": "method"}
    answer = strict.ask("GET", "/v1/embeddings")
    assert (answer.status, answer.headers["allow"], answer.json) == (405, "POST", {"error": known | fault})
    answer = strict.ask("DELETE", "/predict")
    assert answer.json == {"error": known["message"], "error_type": "method"} and answer.headers["allow"] == "POST"
    for name in ("../endpoint.py", "..%2fendpoint.py", "%2e%2e%2fendpoint.py", "..", "%00"):
        assert strict.ask("GET", f"/page/{name}").status == 404


def test_a_request_that_takes_too_long_is_given_up(strict: Running) -> None:
    start = time.monotonic()
    text = " ".join(f"word{number}" for number in range(100))
    answer = strict.ask("POST", "/explain", {"text": text, "method": "shapley", "permutations": 100_000})
    assert answer.status in (503, 429) and int(answer.headers["retry-after"]) >= 1
    assert time.monotonic() - start < 60
    assert strict.ask("POST", "/", {"inputs": "a"}).status in (200, 429)


def memory(server: Running) -> int:
    """The memory of a server's process in KB."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not say how much memory is used")
@pytest.mark.parametrize(("words", "timeout", "expected"), [(2, "100", 200), (20, "2", 503)])
def test_a_request_for_endless_orders_takes_no_memory(default: Path, words: int, timeout: str, expected: int) -> None:
    """Nobody else asks the server, so no answer says that it is busy: few words have few orders, many words too many."""
    with running(default, "--timeout", timeout, "--threads", "1") as server:
        server.ask("POST", "/explain", {"text": "what a first answer needs is loaded"})
        before = memory(server)
        text = " ".join(f"word{number}" for number in range(words))
        answer = server.ask("POST", "/explain", {"text": text, "method": "shapley", "permutations": 10**12})
        assert answer.status == expected, answer
        assert expected == 200 or answer.json["error"].startswith("no answer within 2 seconds"), answer
        assert memory(server) < before + 100_000


def asked_over(client: socket.socket, path: str) -> bytes:
    client.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    return client.recv(65536)


def test_more_connections_than_allowed_are_refused_with_json(default: Path) -> None:
    with running(default, "--max-connections", "3", "--threads", "1") as server:
        kept = [connected(server) for _ in range(3)]
        assert [status(asked_over(client, "/ready")) for client in kept] == [200] * 3
        answer = server.ask("GET", "/ready")
        assert (answer.status, answer.headers["retry-after"], answer.headers["connection"]) == (503, "1", "close")
        assert answer.json == {
            "error": "expected at most 3 connections at once, found more; try again later",
            "error_type": "unhealthy",
        }
        assert server.ask("GET", "/v1/models").json["error"]["type"] == "server_error"
        assert server.ask("GET", "/health").status == 200, "a full server is no dead one"
        for client in kept:
            client.close()
        deadline = time.monotonic() + 30
        while server.ask("GET", "/ready").status != 200:
            assert time.monotonic() < deadline
