"""Keys of a body that no route knows: Linnet's own routes refuse them, those of other dialects ignore them."""

from typing import Any

import pytest
from linnet.serving.decoding import Decoder
from linnet.serving.dialects import DIALECTS, administration, own
from linnet.serving.failures import RequestError
from served import Running


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/classify", {"texts": "a", "mins_core": 0.8}, "unknown key 'mins_core'; did you mean 'min_score'?"),
        ("/classify", {"text": "a"}, "unknown key 'text'; did you mean 'texts'?"),
        ("/classify", {"texts": "a", "top_k": 1}, "'top_k'; known are 'texts', 'model', 'min_score'"),
        ("/compare", {"texts": "a", "model": ["mood", "mood"]}, "unknown key 'model'; did you mean 'models'?"),
        ("/explain", {"text": "a", "lable": "positive"}, "unknown key 'lable'; did you mean 'label'?"),
        ("/explain", {"text": "a", "x" * 1_000_000: 1}, "known are 'text', 'model', 'label'"),
        ("/classify", {"texts": 5}, "Expected `str | array`, got `int` - at `$.texts`"),
        ("/classify", ["a"], "Expected `object`, got `array`"),
    ],
)
def test_linnets_own_routes_name_the_key_and_the_nearest_known_one(
    server: Running, path: str, body: Any, message: str
) -> None:
    answer = server.ask("POST", path, body)
    assert answer.status == 422 and answer.json["error_type"] == "invalid", answer
    assert message in answer.json["error"] and len(answer.content) < 1000


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"not json", r"JSON in UTF-8: JSON is malformed: invalid character \(byte 4\)$"),
        (b'{"texts":', "Input data was truncated$"),
        (b'{"texts": "\xff"}', "Invalid UTF-8"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(body: bytes, told: str) -> None:
    with pytest.raises(RequestError, match=told) as refused:
        Decoder(own.DIALECT.routes[0].asks).decoded(body)
    assert refused.value.status == 400


@pytest.mark.parametrize(("name", "near"), [("mod", "; did you mean mood?"), ("something else", "")])
def test_a_model_that_is_not_there_and_the_nearest_one(server: Running, name: str, near: str) -> None:
    answer = server.ask("POST", "/classify", {"texts": "a", "model": name})
    assert answer.status == 404 and answer.json["error"].endswith(f"there is mood, search{near}"), answer


def test_a_misspelt_role_gives_no_version_the_traffic() -> None:
    with pytest.raises(RequestError, match="unknown key 'rol'; did you mean 'role'"):
        Decoder(administration.Change).decoded(b'{"name": "mood", "version": "2", "rol": "candidate"}')


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", {"inputs": "a", "parameters": {"padding": True}, "options": {"wait_for_model": True}}),
        ("/predict", {"inputs": "a", "model": "mood"}),
        ("/embed", {"inputs": "a", "model": "search"}),
        ("/v1/embeddings", {"input": "a", "model": "search", "input_type": "query"}),
    ],
)
def test_the_dialects_of_others_ignore_unknown_keys(server: Running, path: str, body: Any) -> None:
    server.post(path, body)


def test_the_openapi_document_says_which_bodies_take_other_keys(server: Running) -> None:
    schemas = server.get("/openapi.json")["components"]["schemas"]
    for dialect in DIALECTS:
        for route in dialect.routes:
            if route.asks is not None:
                found = schemas.get(route.asks.__name__) or schemas[f"{route.asks.__module__}.{route.asks.__name__}"]
                assert ("additionalProperties" in found) == (dialect in (own.DIALECT, administration.DIALECT))
