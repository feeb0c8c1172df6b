"""The readers of graphs and tokenizers."""

import base64
import json
import mmap
import random
from functools import cache
from pathlib import Path

from linnet.bundle.opening import default_bundle
from linnet.errors import BundleFormatError
from linnet.inference.graph import Graph
from linnet.inference.graph_checks import check_tables
from linnet.inference.network import read_network
from linnet.inference.permitted import check_permitted
from linnet.names import GRAPH, TOKENIZER, WEIGHTS
from linnet.preprocessing import PreparedText
from linnet.tokenization.permitted import check_parts
from linnet.tokenization.precompiled import check_charsmap
from linnet.tokenization.tokenizer import Tokenizer
from linnet.tokenization.unigram.tokenizer import UnigramTokenizer
from small_unigram import TEXTS

from fuzzing.readers.bundle_files import TINY
from fuzzing.readers.mutations import LONGEST_INPUT, mutate_bytes, mutate_json, mutate_protobuf, mutate_unigram
from fuzzing.readers.reader import Reader
from fuzzing.steps import charsmap, spoilt_steps

CORPUS = Path(__file__).parents[1] / "corpus"
"""A folder for each reader, with inputs that reached lines of code that no seed reaches."""

_LONGEST = 32
_NODES = 14
"""The nodes of the graph, so that one input takes a millisecond."""
_VOCABULARY = 40
"""The pieces of the tokenizers' vocabularies that are kept."""


@cache
def _weights() -> mmap.mmap:
    with (TINY / WEIGHTS).open("rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def _read_graph(content: bytes) -> None:
    graph = Graph(Path(GRAPH), content, {Path(WEIGHTS).name: _weights()})
    check_permitted(graph.name, content)
    for tensor, values in graph.tensors():
        assert values.shape == tensor.shape, tensor
    check_tables(graph, words=1, positions=1)
    try:
        network = read_network(content)
    except ValueError:  # its caller reports this one
        return
    for node in network.nodes:
        assert node.reads is not None


def _read_steps(content: bytes) -> None:
    check_parts(content)


def _read_charsmap(content: bytes) -> None:
    check_charsmap(base64.b64encode(content).decode())


def _read_tokenizer(content: bytes) -> None:
    tokenizer = Tokenizer(content, max_length=_LONGEST, truncation_side="right", vocab_size=10_000, threaded=False)
    tokenizer.ids(TEXTS)
    tokenizer.encode([PreparedText(text) for text in TEXTS], whole=True)


def _read_unigram(content: bytes) -> None:
    if not content:
        raise BundleFormatError("an empty file cannot be mapped")
    mapped = mmap.mmap(-1, len(content))
    mapped.write(content)
    tokenizer = UnigramTokenizer(mapped, max_length=_LONGEST, truncation_side="left", vocab_size=1 << 20)
    tokenizer.ids(TEXTS)
    tokenizer.encode([PreparedText(text) for text in TEXTS], whole=True)


def _compact() -> list[bytes]:
    """Returns the compact file of the small tokenizer in ``tests/support``, which takes seconds to write."""
    return [(CORPUS / "unigram" / "small").read_bytes()]


def _graphs() -> list[bytes]:
    """Returns the beginning of the tiny bundle's graph: its first nodes, with what they read."""
    network = read_network((TINY / GRAPH).read_bytes())
    return [network.up_to(network.nodes[_NODES].outputs[0]).model()]


def _tokenizers() -> list[bytes]:
    """Returns the small Unigram tokenizer, and the embedded default's WordPiece with a small vocabulary."""
    state = json.loads((default_bundle() / TOKENIZER).read_bytes())
    kept = {token["content"] for token in state["added_tokens"]}
    pieces = state["model"]["vocab"].items()
    state["model"]["vocab"] = {
        piece: index for number, (piece, index) in enumerate(pieces) if number < _VOCABULARY or piece in kept
    }
    return [(CORPUS / "tokenizer" / "small.json").read_bytes(), json.dumps(state).encode()]


def _mutate_tokenizer(content: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.4:
        try:
            return spoilt_steps(content, chance)[:LONGEST_INPUT]
        except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
            return mutate_bytes(content, chance)
    return mutate_json(content, chance)


def _charsmaps() -> list[bytes]:
    """Returns the smallest map that is whole: it replaces the character 1 by ``a``."""
    units = [1 << 8 | 1 << 10, 1 << 31] + [0] * 254
    return [(4 * len(units)).to_bytes(4, "little") + b"".join(unit.to_bytes(4, "little") for unit in units) + b"a\0"]


def _mutate_charsmap(content: bytes, chance: random.Random) -> bytes:
    return charsmap(chance) if chance.random() < 0.2 else mutate_bytes(content, chance)


READERS = (
    Reader("graph", _read_graph, _graphs, mutate_protobuf),
    Reader("steps", _read_steps, _tokenizers, _mutate_tokenizer),
    Reader("charsmap", _read_charsmap, _charsmaps, _mutate_charsmap),
    Reader("tokenizer", _read_tokenizer, _tokenizers, _mutate_tokenizer),
    Reader("unigram", _read_unigram, _compact, mutate_unigram),
)
