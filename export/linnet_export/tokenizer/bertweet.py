"""Converts BERTweet's tokenizer, which transformers has only in Python, to one that `tokenizers` runs.

The slow tokenizer splits a text into words (a line break stays with the word before it), merges their
characters by ``bpe.codes``, and looks up each piece: the last one unchanged, the others with ``@@`` appended.
Merging can make symbols that are not pieces of the vocabulary. They need ids of their own, or they could not be
merged further: they get ids from ``first_free_id`` up, and readers of ids map these to the unknown token.

The files are checked here, so that the ids are the same for every text.
"""

from collections.abc import Iterable, Iterator

from linnet.tokenization.separation import BERTWEET_WORD
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import BertweetTokenizer, PreTrainedTokenizerFast

from linnet_export.errors import CheckpointError

_END = "</w>"  # after the last symbol of a word
_GOES_ON = "@@"  # after each piece except the last


def fast_bertweet(slow: BertweetTokenizer, first_free_id: int) -> PreTrainedTokenizerFast:
    """Returns a fast tokenizer that gives the same ids as ``slow`` without normalization, for every text.

    Args:
        slow: BERTweet's own tokenizer.
        first_free_id: ids from this one up mean the unknown token: at least the number of embeddings.

    Raises:
        CheckpointError: the files have settings that no fast tokenizer reproduces.
    """
    _check_added_tokens(slow)
    merges = list(_merges(slow))
    _check_order(merges)
    vocabulary = _vocabulary(slow, merges, max(first_free_id, 1 + max(slow.get_vocab().values())))
    model = models.BPE(vocabulary, merges, unk_token=slow.unk_token, end_of_word_suffix=_END)
    return _wrapped(slow, _pipeline(slow, model))


def probe_texts(slow: BertweetTokenizer) -> list[str]:
    """Returns texts that together produce each piece of the vocabulary and the result of each merge."""
    pieces = (token for token, _ in sorted(slow.get_vocab().items(), key=lambda entry: entry[1]))
    return list(dict.fromkeys([*map(_probe, pieces), *(_probe(_piece("".join(pair))) for pair in _merges(slow))]))


def _probe(piece: str) -> str:
    """Returns a text that produces the piece; for a piece that is not the last, a line break (unknown) follows."""
    before = piece.removesuffix(_GOES_ON)
    return piece if before in ("", piece) else before + "\n"


def _piece(symbol: str) -> str:
    """Returns the piece that the slow tokenizer looks up for a symbol."""
    return symbol.removesuffix(_END) if symbol.endswith(_END) else symbol + _GOES_ON


def _merges(slow: BertweetTokenizer) -> Iterator[tuple[str, str]]:
    """Yields the merges that can apply to a text, in order of priority.

    Lines of ``bpe.codes`` without exactly two symbols never apply. Merges that contain an added token never
    apply either: texts are split at added tokens first.
    """
    added = [token.content for token in slow.added_tokens_decoder.values()]
    for symbols in sorted(slow.bpe_ranks, key=slow.bpe_ranks.__getitem__):
        text = "".join(symbols).removesuffix(_END)
        if len(symbols) == 2 and not any(token in text for token in added):
            yield symbols[0], symbols[1]


def _check_order(merges: list[tuple[str, str]]) -> None:
    """Checks that the merges are in an order for which both tokenizers give the same result.

    `tokenizers` merges one place at a time, BERTweet all places of a pair. They also differ for an end-of-word
    mark that the text's own characters spell.
    """
    used: set[str] = set()
    for left, right in merges:
        result = left + right
        if left.endswith(_END) or right == _END or (result.endswith(_END) and not right.endswith(_END)):
            raise CheckpointError(f"bpe.codes: expected {_END} at the end of words only, found {left!r} with {right!r}")
        used.update((left, right))
        if result in used:
            raise CheckpointError(
                f"bpe.codes: expected each merge before the merges that use its result, found {left!r} with "
                f"{right!r} after them; a fast tokenizer would give other ids, so this checkpoint cannot be converted"
            )


def _check_added_tokens(slow: BertweetTokenizer) -> None:
    """Checks that both tokenizers find the same added tokens: matched by their text alone, without overlaps."""
    added = list(slow.added_tokens_decoder.values())
    for token in added:
        if token.lstrip or token.rstrip or token.single_word:
            raise CheckpointError(
                f"expected added tokens without lstrip, rstrip and single_word, found {token.content!r} with one of "
                "them; set it to false in tokenizer_config.json and special_tokens_map.json"
            )
        if overlapping := [other.content for other in added if other.content[0] in token.content[1:]]:
            raise CheckpointError(
                f"expected added tokens that cannot overlap, found {token.content!r}, which contains the first "
                f"character of {overlapping[0]!r}; remove one of them from added_tokens.json and tokenizer_config.json"
            )
    if slow.split_special_tokens:
        raise CheckpointError("expected split_special_tokens to be false; fix tokenizer_config.json")


def _vocabulary(slow: BertweetTokenizer, merges: list[tuple[str, str]], first_free_id: int) -> dict[str, int]:
    """Returns symbol → id: the slow tokenizer's ids, then ids from ``first_free_id`` up, without gaps below.

    Raises:
        CheckpointError: two symbols share an id, so `tokenizers` cannot distinguish them.
    """
    added = {token.content: index for index, token in slow.added_tokens_decoder.items()}
    taken = {index: token for token, index in added.items()}
    nameless = []
    known = slow.get_vocab()
    for symbol in dict.fromkeys(
        [*_single(known, added), *(part for pair in merges for part in (*pair, "".join(pair)))]
    ):
        index = known.get(_piece(symbol))
        if symbol in added:
            _refuse_shared(symbol, symbol, added[symbol])
        elif index is None or index == slow.unk_token_id:
            nameless.append(symbol)
        elif index in taken:
            _refuse_shared(taken[index], symbol, index)
        else:
            taken[index] = symbol
    # Unused ids get a placeholder, because a vocabulary with gaps is not saved unchanged.
    unused = {index: f"<unused {index}>" for index in range(first_free_id) if index not in taken}
    indices = {symbol: index for index, symbol in sorted({**taken, **unused}.items())}
    return indices | {symbol: first_free_id + number for number, symbol in enumerate(nameless)}


def _single(known: Iterable[str], added: Iterable[str]) -> Iterator[str]:
    """Yields the symbols of one character that have a piece, since merges may not name them."""
    for token in known:
        character = token.removesuffix(_GOES_ON) if len(token) == 1 + len(_GOES_ON) else token
        if len(character) == 1 and character not in added:
            yield character + _END if character == token else character


def _refuse_shared(first: str, second: str, index: int) -> None:
    raise CheckpointError(
        f"expected a separate id for each piece, found {first!r} and {second!r} with the id {index}: "
        "vocab.txt or added_tokens.json names one twice; a fast tokenizer cannot give these ids"
    )


def _pipeline(slow: BertweetTokenizer, model: models.BPE) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(BERTWEET_WORD), behavior="removed", invert=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=[slow.cls_token, "$A", slow.sep_token],
        pair=[slow.cls_token, "$A", slow.sep_token, slow.sep_token, "$B:0", slow.sep_token],
        special_tokens=[(slow.cls_token, slow.cls_token_id), (slow.sep_token, slow.sep_token_id)],
    )
    tokenizer.decoder = decoders.BPEDecoder(suffix=_END)
    for token in slow.added_tokens_decoder.values():
        (tokenizer.add_special_tokens if token.special else tokenizer.add_tokens)(
            [AddedToken(token.content, special=token.special, normalized=False)]
        )
    return tokenizer


def _wrapped(slow: BertweetTokenizer, tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    """Returns the tokenizer in the class that `AutoTokenizer` loads, set to give no token_type_ids."""
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=slow.model_max_length,
        model_input_names=["input_ids", "attention_mask"],
        padding_side=slow.padding_side,
        truncation_side=slow.truncation_side,
        clean_up_tokenization_spaces=False,
        **slow.special_tokens_map,
    )
