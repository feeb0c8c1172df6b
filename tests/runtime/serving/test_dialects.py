"""What clients of each dialect get, and that it is what the library gives, bit by bit."""

import base64
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from served import Running

TEXTS = ["Good news! 🎉", "so bad 😡", "", "The 9:40 to Porto leaves from platform 3.", "so bad 😡"]


def ranked(scores: dict[str, float]) -> list[dict[str, object]]:
    return [{"label": name, "score": scores[name]} for name in sorted(scores, key=lambda name: -scores[name])]


def test_hugging_face_classifies_as_the_library(server: Running, model: linnet.Classifier) -> None:
    expected = [ranked(found.scores) for found in model(TEXTS)]
    assert server.post("/", {"inputs": TEXTS}) == expected
    assert server.post("/models/mood", {"inputs": TEXTS[0]}) == expected[:1]
    assert server.post("/models/mood@latest", {"inputs": TEXTS[0], "parameters": {"top_k": 1}}) == [expected[0][:1]]


def test_hugging_face_applies_other_functions(server: Running, model: linnet.Classifier) -> None:
    logits = model.logits(TEXTS[:1])[0]
    for name, values in (("none", logits), ("sigmoid", 1 / (1 + np.exp(-logits.astype(float))))):
        (row,) = server.post("/", {"inputs": TEXTS[0], "parameters": {"function_to_apply": name}})
        found = {each["label"]: each["score"] for each in row}
        assert [found[label] for label in model.labels] == pytest.approx(values.tolist(), rel=1e-6)


def test_hugging_face_embeds_as_the_library(server: Running, embedder: linnet.Embedder) -> None:
    expected = embedder(TEXTS)
    assert (np.float32(server.post("/models/search", {"inputs": TEXTS})) == expected).all()
    assert (np.float32(server.post("/models/search", {"inputs": TEXTS[0]})) == expected[0]).all()
    asked = {"inputs": {"source_sentence": TEXTS[0], "sentences": TEXTS[1:]}}
    assert server.post("/models/search", asked) == pytest.approx(
        (expected[1:] @ expected[0] / np.linalg.norm(expected[1:], axis=1) / np.linalg.norm(expected[0])).tolist(),
        abs=1e-6,
    )


def test_hugging_face_compares_sentences_with_the_first_bundle_for_embeddings(server: Running) -> None:
    asked = {"inputs": {"source_sentence": TEXTS[0], "sentences": TEXTS[1:]}}
    assert server.post("/", asked) == server.post("/models/search", asked) == server.post("/similarity", asked)
    first, *others = np.array(server.post("/models/search", {"inputs": TEXTS, "normalize": True, "dimensions": 8}))
    shorter = server.post("/", asked | {"parameters": {"dimensions": 8}})
    assert shorter == pytest.approx([first @ other for other in others], abs=1e-6)
    asked["inputs"]["source_sentence"] = "a " * 3000
    assert server.ask("POST", "/", asked | {"parameters": {"truncate": False}}).status == 413
    assert server.ask("POST", "/models/mood", asked).status == 424


@pytest.mark.parametrize("beside", [True, False])
def test_hugging_face_takes_parameters_beside_the_inputs_and_below(server: Running, beside: bool) -> None:
    def ask(path: str, **parameters: object) -> Any:
        return server.ask("POST", path, {"inputs": "a"} | (parameters if beside else {"parameters": parameters}))

    assert len(ask("/", top_k=2).json[0]) == 2
    vector = ask("/models/search", normalize=True, dimensions=8, truncation_direction="Right", prompt_name=None).json
    assert len(vector) == 8 and np.linalg.norm(vector) == pytest.approx(1)
    assert "prompts" in ask("/models/search", prompt_name="query").json["error"]
    assert "truncation_direction" in ask("/models/search", truncation_direction="Left").json["error"]


def test_tei_predicts(server: Running, model: linnet.Classifier) -> None:
    expected = [ranked(found.scores) for found in model(TEXTS)]
    assert server.post("/predict", {"inputs": TEXTS[0]}) == expected[0]
    assert server.post("/predict", {"inputs": [[text] for text in TEXTS]}) == expected
    raw = server.post("/models/mood/predict", {"inputs": [[TEXTS[0]]], "raw_scores": True})
    assert {each["label"]: each["score"] for each in raw[0]} == dict(
        zip(model.labels, model.logits(TEXTS[:1])[0].tolist(), strict=True)
    )


def test_tei_embeds(server: Running, embedder: linnet.Embedder) -> None:
    expected = embedder(TEXTS)
    assert (np.float32(server.post("/embed", {"inputs": TEXTS, "normalize": False})) == expected).all()
    assert np.linalg.norm(server.post("/embed", {"inputs": TEXTS[0], "dimensions": 8})[0]) == pytest.approx(1)
    (vectors,) = server.post("/embed_all", {"inputs": TEXTS[0]})
    (encoding,) = embedder.encode(TEXTS[:1])
    inner = [row for row, special in zip(vectors, encoding.special_tokens_mask, strict=True) if not special]
    assert (np.array(inner, dtype=np.float32) == embedder.tokens(TEXTS[0]).vectors).all()


def test_tei_tokenizes_and_decodes(server: Running, model: linnet.Classifier) -> None:
    text = "@anna Good news"
    (tokens,) = server.post("/tokenize", {"inputs": text})
    (encoding,) = model.encode([text])
    assert [token["id"] for token in tokens] == encoding.ids
    assert tokens[0] == {
        "id": encoding.ids[0],
        "text": encoding.tokens[0],
        "special": True,
        "start": None,
        "stop": None,
    }
    assert [text[token["start"] : token["stop"]] for token in tokens if not token["special"]][-2:] == ["Good", "news"]
    assert server.post("/decode", {"ids": encoding.ids[-3:-1]}) == ["good news"]
    assert server.post("/decode", {"ids": [encoding.ids[-3:-1]] * 2}) == ["good news"] * 2
    (tokens,) = server.post("/tokenize", {"inputs": text * 200, "add_special_tokens": False})
    assert len(tokens) > 600 and not any(token["special"] for token in tokens)


def test_tei_describes(server: Running, default: Path) -> None:
    facts = server.get("/info")
    assert facts["model_type"]["classifier"]["id2label"] == {"0": "negative", "1": "neutral", "2": "positive"}
    assert "embedding" in server.get("/models/search/info")["model_type"]


def test_openai_embeds(server: Running, embedder: linnet.Embedder) -> None:
    expected = embedder(TEXTS)
    answer = server.post("/v1/embeddings", {"input": TEXTS, "model": "search", "encoding_format": "base64"})
    found = [np.frombuffer(base64.b64decode(each["embedding"]), "<f4") for each in answer["data"]]
    assert (np.stack(found) == expected).all()
    tokens = sum(len(encoding.ids) for encoding in embedder.encode(TEXTS))
    assert answer["usage"] == {"prompt_tokens": tokens, "total_tokens": tokens}
    floats = server.post("/v1/embeddings", {"input": TEXTS[0], "encoding_format": None, "dimensions": None})
    assert (np.float32(floats["data"][0]["embedding"]) == expected[0]).all()
    assert {"mood", "search"} <= {each["id"] for each in server.get("/v1/models")["data"]}


def test_it_explains_as_the_library(server: Running, model: linnet.Classifier) -> None:
    for method in ("leave-one-out", "shapley"):
        found = server.post("/explain", {"text": "not bad at all", "method": method})
        expected = model.explain("not bad at all", method=method)
        assert [word["contribution"] for word in found["words"]] == list(expected.contributions)
        assert (found["label"], found["score"]) == (expected.label, expected.score)


def test_it_classifies_and_compares(server: Running, model: linnet.Classifier) -> None:
    found = server.post("/classify", {"texts": TEXTS})
    assert [each["scores"] for each in found["results"]] == [each.scores for each in model(TEXTS)]
    assert server.post("/classify", {"texts": TEXTS[2], "min_score": 1})["results"][0]["label"] is None
    compared = server.post("/compare", {"texts": TEXTS, "models": ["mood", "mood@latest"]})
    assert compared["differing"] == [] and len(compared["answers"]) == 2


def test_each_label_may_have_a_threshold_of_its_own(server: Running, model: linnet.Classifier) -> None:
    found = [(each.label, each.score) for each in model(TEXTS)]
    for min_score in ({"negative": 1, "neutral": None}, {"positive": 0.5}, {}, dict.fromkeys(model.labels, 0.9)):
        results = server.post("/classify", {"texts": TEXTS, "min_score": min_score})["results"]
        assert [each["label"] for each in results] == [each.label for each in model(TEXTS, min_score=min_score)]
        assert [each["score"] for each in results] == [score for _, score in found]
    properties = server.get("/openapi.json")["components"]["schemas"]["ClassifyRequest"]["properties"]
    number, null = {"type": "number"}, {"type": "null"}
    by_label = {"type": "object", "additionalProperties": {"anyOf": [number, null]}}
    assert properties["min_score"]["anyOf"] == [number, by_label, null]


@pytest.mark.parametrize(
    "min_score", [{"negativ": 0.8}, {"negative": 80}, 80, {"negative": True}, True, {"": 0}, "0.8"]
)
def test_thresholds_that_cannot_be_used_are_told(server: Running, min_score: object) -> None:
    answer = server.ask("POST", "/classify", {"texts": TEXTS, "min_score": min_score})
    assert answer.status == 422 and "min_score" in answer.json["error"], answer


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "inputs"),
        ("/models/search", "inputs"),
        ("/embed", "inputs"),
        ("/v1/embeddings", "input"),
        ("/classify", "texts"),
    ],
)
def test_answers_say_how_many_texts_were_truncated(server: Running, path: str, name: str) -> None:
    for texts, count in ((["a", "so bad " * 2000, "good " * 2000], "2"), (["a"], "0")):
        assert server.ask("POST", path, {name: texts}).headers["x-linnet-truncated"] == count


def test_a_comparison_and_an_explanation_say_how_many_texts_were_truncated(server: Running) -> None:
    models = ["mood", "mood@latest"]
    for text, truncated in (("so bad " * 2000, 1), ("a", 0)):
        compared = server.ask("POST", "/compare", {"texts": [text, "a"], "models": models})
        assert compared.headers["x-linnet-truncated"] == str(2 * truncated), "of both versions"
    for text, truncated in (("so " + "bad-" * 1000, 1), ("a", 0)):
        answer = server.ask("POST", "/explain", {"text": text})
        assert answer.headers["x-linnet-truncated"] == str(truncated) and answer.json["truncated"] == bool(truncated)


FAILURES: list[tuple[str, Any, int, str]] = [
    ("/predict", b"{", 400, "Validation"),
    ("/predict", b'{"inputs": "a", "other": ' + b"[" * 100_000, 400, "Validation"),
    ("/predict", b'{"inputs": "\xff"}', 400, "Validation"),
    ("/", {"text": "a"}, 422, ""),  # would else be the answer for an empty text
    ("/predict", {"inputs": 5}, 422, "Validation"),
    ("/predict", {"inputs": ["a", "b"]}, 422, "Validation"),
    ("/predict", b'{"inputs": "\\ud800"}', 400, "Validation"),
    ("/predict", {"inputs": []}, 400, "Empty"),
    ("/embed", {"inputs": ["a"] * 2000}, 413, "Validation"),
    ("/embed", {"inputs": "a " * 3000, "truncate": False}, 413, "Validation"),
    ("/embed", {"inputs": "a", "dimensions": 100_000}, 422, "Validation"),
    ("/embed", {"inputs": [1 << 40]}, 422, "Tokenizer"),
    ("/embed_all", {"inputs": ["a " * 3000] * 100}, 413, "Validation"),
    ("/rerank", {"query": "a", "texts": ["b"]}, 424, "Backend"),
    ("/models/search/predict", {"inputs": "a"}, 424, "Backend"),
    ("/models/mood@9/predict", {"inputs": "a"}, 404, "NotFound"),
    ("/models/nothing", {"inputs": "a"}, 404, ""),
    ("/models/mood@9", {"inputs": "a"}, 404, ""),
    ("/v1/embeddings", {"input": "a", "model": "mood"}, 424, ""),
    ("/classify", {"texts": []}, 400, "empty"),
    ("/explain", {"text": "a", "label": "none"}, 422, "invalid"),
    ("/explain", {"text": "a", "method": "no such"}, 422, "invalid"),
]


@pytest.mark.parametrize(("path", "body", "status", "kind"), FAILURES)
def test_failures_have_their_status_and_a_message(
    server: Running, path: str, body: Any, status: int, kind: str
) -> None:
    answer = server.ask("POST", path, body)
    assert answer.status == status, answer
    if kind:
        assert answer.json["error_type"] == kind
    assert "error" in answer.json


def test_no_word_of_a_text_is_logged(server: Running) -> None:
    for path in ("/", "/explain", "/predict", "/nowhere"):
        server.ask("POST", path, {"inputs": "zanzibar", "text": "zanzibar", "label": "zanzibar"})
    server.ask("POST", "/explain", {"text": "zanzibar", "label": "zanzibar"})
    server.ask("POST", "/classify", {"texts": "zanzibar", "zanzibar": "zanzibar"})
    server.ask("POST", "/", b'{"inputs": "zanzibar')
    assert server.events and not any("zanzibar" in line for line in server.log)
