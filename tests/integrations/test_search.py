"""The libraries for search take an embedder for one of their own, and find with the embedder's own vectors."""

from pathlib import Path

import linnet
import numpy as np
import pytest

DOCUMENTS = ["delays at the station", "good news", ""]


def test_langchain(tiny: str, embedder: linnet.Embedder) -> None:
    pytest.importorskip("langchain_core")
    from langchain_core.vectorstores import InMemoryVectorStore
    from linnet.integrations.langchain import LinnetEmbeddings

    embeddings = LinnetEmbeddings(tiny)
    assert embeddings.embed_documents(DOCUMENTS) == embedder(DOCUMENTS).tolist()
    assert embeddings.embed_query("delays") == embedder("delays")[0].tolist()
    store = InMemoryVectorStore.from_texts(DOCUMENTS, LinnetEmbeddings(embedder))
    assert store.similarity_search("delays", k=1)[0].page_content == DOCUMENTS[0]


def test_llama_index(tiny: str, embedder: linnet.Embedder) -> None:
    pytest.importorskip("llama_index.core")
    from linnet.integrations.llama_index import LinnetEmbedding
    from llama_index.core import VectorStoreIndex
    from llama_index.core.schema import TextNode

    model = LinnetEmbedding(tiny, threads=1)
    assert model.get_text_embedding_batch(DOCUMENTS) == embedder(DOCUMENTS).tolist()
    assert model.get_query_embedding("delays") == embedder("delays")[0].tolist()
    index = VectorStoreIndex([TextNode(text=text) for text in DOCUMENTS], embed_model=model)
    assert index.as_retriever(similarity_top_k=1).retrieve("delays")[0].text == DOCUMENTS[0]


def test_haystack(tiny: str, embedder: linnet.Embedder) -> None:
    pytest.importorskip("haystack")
    from haystack import Document, Pipeline
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from linnet.integrations.haystack import LinnetDocumentEmbedder, LinnetTextEmbedder

    given = [Document(content=text) for text in DOCUMENTS]
    documents = LinnetDocumentEmbedder(tiny).run(given)["documents"]
    assert [document.embedding for document in documents] == embedder(DOCUMENTS).tolist()
    assert given[0].embedding is None
    store = InMemoryDocumentStore()
    store.write_documents(documents)
    pipeline = Pipeline()
    pipeline.add_component("embedder", LinnetTextEmbedder(tiny))
    written = pipeline.dumps()
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store, top_k=1))
    pipeline.connect("embedder.embedding", "retriever.query_embedding")
    found = pipeline.run({"embedder": {"text": "delays"}})["retriever"]["documents"]
    assert found[0].content == DOCUMENTS[0]
    again = Pipeline.loads(written, allowed_modules=["linnet.integrations.haystack"])
    assert again.run({"embedder": {"text": "delays"}})["embedder"]["embedding"] == embedder("delays")[0].tolist()


def test_chroma(tiny: str, embedder: linnet.Embedder, tmp_path: Path) -> None:
    chromadb = pytest.importorskip("chromadb")
    from chromadb.config import Settings
    from linnet.integrations.chroma import LinnetEmbeddingFunction

    settings = Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(tmp_path), settings)
    collection = client.create_collection("documents", embedding_function=LinnetEmbeddingFunction(tiny))
    collection.add(ids=["0", "1", "2"], documents=DOCUMENTS)
    np.testing.assert_allclose(collection.get(include=["embeddings"])["embeddings"], embedder(DOCUMENTS), atol=1e-7)
    # The collection knows its function when another program opens it.
    again = chromadb.PersistentClient(str(tmp_path), settings).get_collection("documents")
    assert again.query(query_texts=["delays"], n_results=1)["documents"] == [[DOCUMENTS[0]]]


def test_programs_for_sentence_transformers(tiny: str, embedder: linnet.Embedder) -> None:
    from linnet.integrations.sentence_transformers import SentenceTransformer

    model = SentenceTransformer(tiny)
    np.testing.assert_array_equal(model.encode(DOCUMENTS, batch_size=8, show_progress_bar=False), embedder(DOCUMENTS))
    np.testing.assert_array_equal(model.encode("delays"), embedder("delays")[0])
    listed = model.encode(DOCUMENTS, convert_to_numpy=False, normalize_embeddings=True)
    assert [type(vector) for vector in listed] == [np.ndarray] * 3
    np.testing.assert_allclose(np.linalg.norm(listed, axis=1), 1, rtol=1e-6)
    assert model.get_sentence_embedding_dimension() == embedder.dimension
    similarities = model.similarity(model.encode("delays"), model.encode(DOCUMENTS))
    assert similarities.shape == (1, 3) and similarities.argmax() == 0
    with pytest.raises(linnet.InputError, match="none of the arguments convert_to_tensor, prompt_name"):
        model.encode("delays", convert_to_tensor=True, prompt_name="query")
