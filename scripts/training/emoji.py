"""Teaches a WordPiece checkpoint emoji, which its vocabulary and the SemEval tweets lack.

Each emoji takes two of the vocabulary's unused entries (at the start of a word, and within one). Its
embedding starts as the mean over the pieces of its Unicode name. Training texts contain the most common
emoji in place of the emoticons that people wrote.
"""

import random
import re
import tempfile
import unicodedata
from pathlib import Path

import torch
from transformers import BertForSequenceClassification, BertTokenizerFast

MAX_LENGTH = 512

_RANGES = [
    *[(0x1F600, 0x1F64F), (0x1F910, 0x1F92F), (0x1F970, 0x1F97A), (0x1FAE0, 0x1FAE7)],  # faces
    *[(0x1F90D, 0x1F90F), (0x1F9E1, 0x1F9E1), (0x1F48B, 0x1F49F), (0x2764, 0x2764)],  # hearts
    *[(0x2661, 0x2661), (0x2665, 0x2665), (0x1F440, 0x1F450), (0x270A, 0x270D)],  # and hands
    *[(0x1F590, 0x1F590), (0x1F595, 0x1F596), (0x1FAF0, 0x1FAF6), (0x1F3FB, 0x1F3FF)],
    *[(0x1F47B, 0x1F480), (0x1F4A0, 0x1F4AF), (0x1F525, 0x1F525), (0x2728, 0x2728)],  # feelings
    *[(0x1F380, 0x1F393), (0x1F3B5, 0x1F3B6), (0x1F3C0, 0x1F3C6), (0x1F947, 0x1F949)],  # events
    *[(0x1F308, 0x1F308), (0x1F31E, 0x1F31F), (0x1F337, 0x1F33C), (0x1F680, 0x1F680)],
    *[(0x2600, 0x2601), (0x2614, 0x2615), (0x2639, 0x263A), (0x26A0, 0x26A1), (0x26BD, 0x26BE)],
    *[(0x2705, 0x2705), (0x2714, 0x2714), (0x2716, 0x2716), (0x274C, 0x274C), (0x2744, 0x2744)],
    *[(0x2753, 0x2755), (0x2757, 0x2757), (0x2B50, 0x2B50), (0x1F6A8, 0x1F6A8), (0x1F926, 0x1F926)],
]
EMOJI = sorted({chr(code) for first, last in _RANGES for code in range(first, last + 1)})

_EMOTICONS = {
    ":)": "😊🙂☺😀👍😍", ":-)": "😊🙂☺😀👍", "=)": "😊🙂☺😀", ":))": "😁😄😊", ":D": "😃😄😁😀🎉",
    ";)": "😉😏", ";-)": "😉", "<3": "❤💕💖😍♥💗🥰😘", ":(": "😢😞☹😔💔🙁", ":'(": "😭😢💔",
    ":/": "😕😒🙄", "-_-": "😑😒🙄", ":P": "😜😛😝", ":p": "😜😛😝", "xD": "😂🤣😆", "XD": "😂🤣😆",
    "^_^": "😊🤗", "^^": "😊", ":O": "😮😱😲", ":')": "😂🥹🥲", "lol": "😂🤣😹", "haha": "😂🤣😆",
}  # fmt: skip
_EMOTICON = re.compile(
    r"(?<!\S)(?:" + "|".join(re.escape(emoticon) for emoticon in sorted(_EMOTICONS, reverse=True)) + r")(?!\S)"
)


def draw_emoji(text: str, chance: random.Random) -> str:
    """Replaces each emoticon by an emoji of the same meaning, once to three times."""

    def emoji(match: re.Match[str]) -> str:
        return chance.choice(_EMOTICONS[match[0]]) * chance.choice((1, 1, 2, 3))

    return _EMOTICON.sub(emoji, text)


def teach_emoji(base: Path, model: BertForSequenceClassification) -> BertTokenizerFast:
    """Returns the tokenizer of ``base`` with the emoji added, and sets their rows of the model's embedding."""
    original = BertTokenizerFast.from_pretrained(base)
    pieces = (base / "vocab.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
    known = set(pieces)
    unused = iter([row for row, piece in enumerate(pieces) if re.fullmatch(r"\[unused\d+\]", piece)])
    embedding = model.bert.embeddings.word_embeddings.weight
    for emoji in EMOJI:
        name = unicodedata.name(emoji).lower().replace("-", " ")
        meaning = embedding[original(name, add_special_tokens=False)["input_ids"]].mean(dim=0)
        for piece in sorted({emoji, "##" + emoji} - known):
            row = next(unused)
            pieces[row] = piece
            with torch.no_grad():
                embedding[row] = meaning
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = Path(folder) / "vocab.txt"
        vocabulary.write_text("\n".join(pieces) + "\n", encoding="utf-8")
        return BertTokenizerFast(vocab_file=str(vocabulary), do_lower_case=True, model_max_length=MAX_LENGTH)
