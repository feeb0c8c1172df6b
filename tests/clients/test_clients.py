"""The clients that people use, unchanged, against a running server. `scripts/test` makes their environment."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import linnet
import numpy as np
import pytest
from served import Running, running

huggingface_hub = pytest.importorskip("huggingface_hub")
openai = pytest.importorskip("openai")
langchain = pytest.importorskip("langchain_huggingface")
parser = pytest.importorskip("prometheus_client.parser")
pytest.importorskip("schemathesis")

TINY = Path(__file__).parents[1] / "runtime" / "tiny_embedder"
TEXTS = ["Good news! 🎉", "so bad 😡", "", "The 9:40 to Porto leaves from platform 3."]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    admin = tmp_path_factory.mktemp("admin") / "admin.txt"
    admin.write_text(hashlib.sha256(b"boss").hexdigest())
    default = linnet.load().bundle.path
    with running(f"mood={default}", f"search={TINY}", "--admin", admin, "--no-request-logs") as found:
        yield found


@pytest.fixture(scope="module")
def embedder() -> linnet.Embedder:
    return linnet.load_embedder(TINY)


def test_the_client_of_hugging_face_classifies(server: Running) -> None:
    client, model = huggingface_hub.InferenceClient(model=server.url), linnet.load()
    for text in TEXTS:
        found = client.text_classification(text)
        assert {each.label: each.score for each in found} == model(text).scores
    (best,) = client.text_classification(TEXTS[0], top_k=1, function_to_apply="softmax")
    assert best.label == model(TEXTS[0]).label


def test_the_client_of_hugging_face_embeds(server: Running, embedder: linnet.Embedder) -> None:
    client = huggingface_hub.InferenceClient(model=f"{server.url}/models/search")
    assert (client.feature_extraction(TEXTS[0]) == embedder(TEXTS[0])[0]).all()
    found = client.sentence_similarity(TEXTS[0], TEXTS[1:])
    assert len(found) == 3 and all(-1.001 <= each <= 1.001 for each in found)


def test_the_client_of_hugging_face_tells_what_failed(server: Running) -> None:
    client = huggingface_hub.InferenceClient(model=f"{server.url}/models/nothing")
    with pytest.raises(Exception, match="404"):
        client.text_classification("a")


def test_the_client_of_openai(server: Running, embedder: linnet.Embedder) -> None:
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0)
    for options in ({}, {"encoding_format": "float"}, {"encoding_format": "base64"}):
        found = client.embeddings.create(model="search", input=TEXTS, **options)
        vectors = [each.embedding for each in found.data]
        if options.get("encoding_format") == "base64" and isinstance(vectors[0], str):
            continue
        assert (np.array(vectors, dtype=np.float32) == embedder(TEXTS)).all()
    assert len(client.embeddings.create(model="search", input="a", dimensions=8).data[0].embedding) == 8
    assert {"mood", "search"} <= {model.id for model in client.models.list()}
    assert client.models.retrieve("search").id == "search"
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="nothing", input="a")


def test_the_client_of_langchain(server: Running, embedder: linnet.Embedder) -> None:
    client = langchain.HuggingFaceEndpointEmbeddings(model=f"{server.url}/models/search")
    assert (np.array(client.embed_documents(TEXTS[:2]), dtype=np.float32) == embedder(TEXTS[:2])).all()
    assert (np.array(client.embed_query(TEXTS[0]), dtype=np.float32) == embedder(TEXTS[0])[0]).all()


def test_the_parser_of_prometheus(server: Running) -> None:
    server.post("/", {"inputs": "a"})
    families = {
        family.name: family
        for family in parser.text_string_to_metric_families(server.ask("GET", "/metrics").content.decode())
    }
    assert families["linnet_requests"].type == "counter" and families["linnet_batch_seconds"].type == "histogram"
    assert all(family.documentation for family in families.values())


def test_no_request_of_the_openapi_document_breaks_the_server(server: Running, tmp_path: Path) -> None:
    """Schemathesis makes up requests: three for each route, or with ``LINNET_EXAMPLES`` as many, and edge cases."""
    given = os.environ.get("LINNET_EXAMPLES")
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json"]
    checks = ["--checks", "not_a_server_error,response_schema_conformance,content_type_conformance"]
    bounds = ["--max-examples", given or "3", "--phases", "coverage,fuzzing" if given else "fuzzing"]
    options = ["--no-color", "--generation-deterministic", "-H", "Authorization: Bearer boss"]
    command += [*checks, *bounds, *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1200)  # it keeps a cache there
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.get("/health") == {"status": "ok"}
