"""The compact tokenizer beside `tokenizers`: the same ids, tokens and offsets of every text."""

import itertools
import json
import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from linnet import BundleFormatError
from linnet.names import COMPACT_TOKENIZER, TOKENIZER
from linnet.preprocessing import PreparedText
from linnet.tokenization.encoding import Encoding
from linnet.tokenization.unigram import UnigramTokenizer
from linnet_export.tokenizer.json_file import save_exactly
from linnet_export.tokenizer.unigram import write_compact_tokenizer
from linnet_export.tokenizer.unigram.pipeline import read_pipeline
from linnet_export.tokenizer.unigram.verification import awkward_texts
from smaps import needs_smaps, shared
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from transformers import AutoTokenizer

LENGTH = 512


@dataclass(frozen=True)
class Pair:
    """A bundle's folder and the two ways to read its tokenizer."""

    folder: Path
    reference: Tokenizer
    compact: UnigramTokenizer

    @classmethod
    def of(cls, folder: Path, side: str = "right") -> "Pair":
        reference = Tokenizer.from_file(str(folder / TOKENIZER))
        reference.enable_truncation(LENGTH, direction=side)
        compact = UnigramTokenizer(folder / COMPACT_TOKENIZER, max_length=LENGTH, truncation_side=side)
        return cls(folder, reference, compact)

    def differing(self, texts: Iterable[str], at_once: int = 20_000) -> list[str]:
        """The texts of which ids, tokens or offsets differ."""
        found, left = [], iter(texts)
        while some := list(itertools.islice(left, at_once)):
            rows = zip(
                some,
                self.reference.encode_batch(some),
                self.compact.encode([PreparedText(text) for text in some]),
                self.compact.ids(some),
                strict=True,
            )
            for text, their, own, read in rows:
                cut = bool(their.overflowing)
                expected = Encoding(
                    their.ids, their.tokens, their.offsets, their.special_tokens_mask, complete=True, truncated=cut
                )
                if own != expected or read != (their.ids, cut, True):
                    found.append(text)
        return found


def _hub_form(tokenizer: Tokenizer) -> None:
    """What the tokenizer.json of older XLM-R repositories has."""
    tokenizer.normalizer = tokenizer.normalizer[0]
    steps = [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)


def _spaced_hub_form(tokenizer: Tokenizer) -> None:
    """The same with runs of spaces made one."""
    _hub_form(tokenizer)
    collapse = normalizers.Replace(Regex(" {2,}"), " ")
    tokenizer.normalizer = normalizers.Sequence([tokenizer.normalizer, collapse])


FORMS = {"transformers": lambda tokenizer: None, "hub": _hub_form, "spaced hub": _spaced_hub_form}


@pytest.fixture(scope="module")
def pairs(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    made = {}
    for name, change in FORMS.items():
        folder = tmp_path_factory.mktemp(name.replace(" ", "-"))
        tokenizer = AutoTokenizer.from_pretrained(data / "tokenizers" / "xlm-roberta").backend_tokenizer
        tokenizer.no_truncation()
        tokenizer.no_padding()
        change(tokenizer)
        save_exactly(tokenizer, folder / TOKENIZER)
        assert write_compact_tokenizer(folder) is None
        made[name] = Pair.of(folder)
    return made


@pytest.fixture(params=list(FORMS))
def pair(request: pytest.FixtureRequest, pairs: dict[str, Pair]) -> Pair:
    return pairs[request.param]


def test_the_file_is_small(pairs: dict[str, Pair]) -> None:
    assert (pairs["transformers"].folder / COMPACT_TOKENIZER).stat().st_size < 8_000_000


def test_tweets(pairs: dict[str, Pair], tweets: list[str]) -> None:
    assert pairs["transformers"].differing(tweets) == []
    assert pairs["hub"].differing(tweets[::7]) == []


@pytest.mark.parametrize("side", ["left", "right"])
def test_whole_texts(pairs: dict[str, Pair], side: str) -> None:
    """Long texts whose end is not cut off have the tokens that a tokenizer without truncation gives."""
    folder, pipeline = pairs["transformers"].folder, read_pipeline(json.loads(pairs["transformers"].reference.to_str()))
    endless = Tokenizer.from_file(str(folder / TOKENIZER))
    compact = UnigramTokenizer(folder / COMPACT_TOKENIZER, max_length=8, truncation_side=side)
    long = " ".join(f"mot{number} 東京タワー <s> naïve\u0301" for number in range(200))
    texts = ["", "Bonjour", long, *awkward_texts(pipeline, 1000, seed=2)]
    for text, their in zip(texts, endless.encode_batch(texts), strict=True):
        [own] = compact.encode([PreparedText(text)], whole=True)
        assert own == Encoding(their.ids, their.tokens, their.offsets, their.special_tokens_mask)


def test_generated_texts(pair: Pair) -> None:
    pipeline = read_pipeline(json.loads(pair.reference.to_str()))
    assert pair.differing(awkward_texts(pipeline, 20_000, seed=1)) == []


CHARACTERS = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]


def test_characters_of_every_plane(pair: Pair) -> None:
    """Alone, doubled, within a word, after a letter, and before a letter that composes with a mark."""
    dense = [c for c in CHARACTERS if ord(c) < 0x3500 or 0xF900 <= ord(c) < 0x11000 or 0x1D000 <= ord(c) < 0x20000]
    sparse = CHARACTERS[::61]
    assert pair.differing(f"{c} {c}{c} a{c}b\te{c} {c}e\u0301 \u2122{c}\u0301" for c in dense + sparse) == []


TRICKY = [
    *"aE \n\r\u0001\u0301\u0344\u0340\u0327\u0338\u3099\u200d\u200c\ufe0f\u094d\u0915\u0958\u0600\u1100\u1161\uac00",
    *"\u2122\u24c2\u00a9\u00bd\ufb01\uff76\uff9e\u0627\u0653\u2581\u3000\u0085\ufdfa\u0903\u093f\u20dd",
    *"\U000110bd\U0001f468\U0001f1e6\U0001d400\U0001f3fb",
    "\r\n",
    "<s>",
    "<mask>",
]


def test_triples_of_awkward_characters(pair: Pair) -> None:
    assert pair.differing(map("".join, itertools.product(TRICKY, repeat=3))) == []


def _long_texts() -> Iterator[str]:
    chance = random.Random(3)
    yield from ("", "a" * 100_000, "word " * 20_000, "\u0340" * 10_000, "\ufdfa" * 10_000, " \n" * 50_000)
    yield "".join(chance.choice("aäоの한ع😀") for _ in range(300_000))
    yield "".join(chance.choice(CHARACTERS) for _ in range(100_000))
    for length in (254, 255, 256, 257, 16_383, 16_384, 16_385, 40_000):
        yield "".join(chance.choice("abcdefgh") for _ in range(length))


def test_long_texts(pair: Pair) -> None:
    assert [len(text) for text in pair.differing(_long_texts())] == []


def test_a_word_of_a_million_characters_takes_seconds(pairs: dict[str, Pair]) -> None:
    start = time.process_time()
    pairs["transformers"].compact.ids(["abcdefghij" * 100_000])
    assert time.process_time() - start < 10


def test_the_left_is_cut(pairs: dict[str, Pair], tweets: list[str]) -> None:
    pair = Pair.of(pairs["transformers"].folder, "left")
    texts = [" ".join(tweets[start : start + 40]) for start in range(0, 2000, 40)]
    assert pair.differing(["", "<mask>" * 600, *texts]) == []


def test_the_same_tokenizer_gives_the_same_bytes(pairs: dict[str, Pair], tmp_path: Path) -> None:
    folder = pairs["transformers"].folder
    (tmp_path / TOKENIZER).write_bytes((folder / TOKENIZER).read_bytes())
    assert write_compact_tokenizer(tmp_path) is None
    assert (tmp_path / COMPACT_TOKENIZER).read_bytes() == (folder / COMPACT_TOKENIZER).read_bytes()


@pytest.mark.parametrize("change", [lambda c: c[:-8], lambda c: c[:40], lambda c: b"", lambda c: c + bytes(8)])
def test_a_file_cut_short_or_grown_is_refused(pairs: dict[str, Pair], tmp_path: Path, change: object) -> None:
    file = tmp_path / COMPACT_TOKENIZER
    file.write_bytes(change((pairs["transformers"].folder / COMPACT_TOKENIZER).read_bytes()))  # type: ignore[operator]
    with pytest.raises(BundleFormatError, match=r"expected .*bytes"):
        UnigramTokenizer(file, max_length=LENGTH, truncation_side="right")


@pytest.mark.parametrize(("place", "byte", "message"), [(0, b"X", "begin with"), (8, b"\x09", "format 2, found 9")])
def test_another_format_is_refused(
    pairs: dict[str, Pair], tmp_path: Path, place: int, byte: bytes, message: str
) -> None:
    content = (pairs["transformers"].folder / COMPACT_TOKENIZER).read_bytes()
    file = tmp_path / COMPACT_TOKENIZER
    file.write_bytes(content[:place] + byte + content[place + 1 :])
    with pytest.raises(BundleFormatError, match=message):
        UnigramTokenizer(file, max_length=LENGTH, truncation_side="right")


@needs_smaps
def test_processes_share_the_file(pairs: dict[str, Pair]) -> None:
    code = """
import sys
from pathlib import Path
from linnet.tokenization.unigram import UnigramTokenizer
tokenizer = UnigramTokenizer(Path(sys.argv[1]), max_length=512, truncation_side="right")
tokenizer.ids(["one text", "et un autre", "и ещё один"])
"""
    file = pairs["transformers"].folder / COMPACT_TOKENIZER
    for memory in shared(code, file, of=file):
        assert memory["Rss"] > 0 == memory["Anonymous"] and memory["Pss"] < 0.6 * memory["Rss"]
