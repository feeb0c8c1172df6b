"""Texts for comparing preprocessing: the built-in ones, and thousands of generated difficult ones.

Generated texts combine pieces that the presets' rules apply to, whole and broken emoji, and random characters. The
same seed gives the same texts. None of the texts is a real tweet.
"""

import json
import random
from functools import cache
from pathlib import Path

EXPORT = Path(__file__).resolve().parent.parent / "export" / "linnet_export"

_HANDLES = "@ @@ @user @User_1 @abcdefghijklmnopqrstuvwxyz @é @@a a@b a@b.co foo.na@example.com me+tag@mail.example.org"
_HASHTAGS = """# ## #1 #_ #a #aB #GoodNews #ABCdef #goodNEWS #GoodNews2Day #snake_case #a-b's #ÉcoleNormale #СССРaB #ΑΣa
    #aΣ #ΣaΣ #AΣʰ #İstanbul #Ꟁa #日本a #日本 x#NoTag ##Twice #A #AbCdEf #ABC_DEF #Ⓐa #a\u0301B"""
_LINKS = """http:// http https: HTTP://X.COM https://t.co/AbC12 httpſ httpS://a hTTp:x www. www.foo.com WWW.x wwwx foo.com
    foo.co.uk/a/b. bar.ly/x1 x.io a.b.c.d.e.f.com Kelvin.io İi.ſm ſ.comſ/ http://a(b) http://a(b(c)d) http://(a)
    http://!?!?!? (http://x.com). t.co/a 1.2.com é.com/é _a.com ftp://x.com http://x.com/a_b?c=d&e=f#g"""
_NUMBERS = """1 12 123 1234567 12345678901 555-1234 (555)123-4567 +1 1-800-555-1234 555.123.4567 3.14 10:30 1/2 -5 +5- 1,000
    5% $5 ٣٤٥٦٧٨٩ １２３４５６７ ३.१४ 1st 4th 2nite ½ ² Ⅷ 1e5 000"""
_EMOTICONS = (
    ":) :-) :D ;P =] 8) (: D: :'( :@ >:( :o) :* :3 <3 </3 <33 =D XD xD :/ :\\ :| :} {: 8-o) <:) :-))) ;-; ^^ >_<"
)
_MARKUP = """&amp; &lt; &gt; &quot; &#39; &#x27; &#X27; &#128; &#129; &#x92; &nbsp; &hellip; &rsquo; &xi; &x41; &#0; &#9;
    &#1114112; &#99999999999999999999; &#٣٥; &#１２; &#1_0; &#+65; &#-5; &foo; &; &# &#; &#x; &&amp;; &amp;amp; &hearts; <b>
    </b> <a_b> <> < > -> --> <- <-- <-> | || |a_b| |x| |grinning_face| |a|b|"""
_PUNCTUATION = """! !! !!! !!!! !!!!!!!! ? ?!?! ?????? . .. ... .... ...... , ,,,,, ; : ' '' " “ ” ‘ ’ ’’’’ « » … …… ‼ — – -
    -- ---- _ __ * **** + = ~ ~~~~ ` ^ % $ £ € ¥ © ® ™ ° • · ● ´ ¨ ¶ º ª × ♥ ♡ ☺ ☻ ☹ ✓ ♀ ♂ ( ) [ ] { } / \\"""
_WORDS = """a A the I don't can't cannot can not ca n't ain't won't n't 'm 're 's 'll 'd 've it's we're they'll he'd I've
    n 't cannot can't ai n't o'clock rock'n'roll 'tis well-known a-b-c _x_ x' 's 'S p.m. a.m. p.m a . m . p . m x p . m .
    can’t it’s don’t haha hahaha ahahah ahah hahah ahhhah hhhaaa aaha HAHA jajaja kkkk lol soooo yesssss nooooo aaa aaaa
    GOOOAL Straße café cafe\u0301 naïve e\u0301\u0302\u0303 Ä ǆ ŉ ﬁ ẞ ı İ K Å ſ Ω Σ ΑΣ Привет нет Здравствуйте
    مرحبا ا اا שלום नमस्ते ไทย 日本 語 日本語 한국어 ー スーパー 안녕 \u0301 \u0345 \u1c89 \U00010570 \U00010597 \U00011f50 \U0001e4f1
    \ua7d0 \u2c2f ‿ a‿b ⁀ \u200d \u200c a\u200db \u200b \ufeff \u2060 \u202e \u00ad \ufffd \uffff \ue000 \U0010ffff"""
_EMOJI_PARTS = """\u200d \ufe0f \ufe0e \u20e3 1\ufe0f\u20e3 #\ufe0f\u20e3 *\u20e3 9\ufe0f 0\ufe0e\u20e3 \U0001f3fb \U0001f3ff
    \U0001f9b0 \U0001f468\u200d\U0001f469 \U0001f469\u200d \U0001f469\U0001f3fd\u200d ❤\ufe0f\u200d\U0001f525 ❤\u200d\U0001f525
    ❤ ❤\ufe0f ❤\ufe0e ♂\ufe0f \u200d♂ \u200d♀\ufe0f \U0001f1fa\U0001f1f8 \U0001f1fa \U0001f1fa\U0001f1fa \U0001f3f4
    \U0001f3f4\U000e0067\U000e0062 \U0001f3f3\ufe0f\u200d \U0001f600\ufe0f \U0001f600\U0001f600\U0001f600\U0001f600 \U0001fae8"""
_SPACES = [
    *("  ", "    ", "\t", "\n", "\n\n", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "\u1680"),
    *("\u2000", "\u2003", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\u180e", "\x00", "\x07", "\x7f"),
]

_KINDS = tuple(
    tuple(kind.split())
    for kind in (_HANDLES, _HASHTAGS, _LINKS, _NUMBERS, _EMOTICONS, _MARKUP, _PUNCTUATION, _WORDS, _EMOJI_PARTS)
)
_RANGES = ((0x21, 0x7F), (0x80, 0x600), (0x80, 0x3000), (0x3000, 0xD800), (0xE000, 0x110000), (0x1F000, 0x1FB00))


def builtin_texts(limit: int = 600) -> list[str]:
    """Returns the export's built-in texts of at most ``limit`` characters."""
    rows = map(json.loads, (EXPORT / "builtin_texts.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n"))
    texts = (row["text"] * row.get("repeat", 1) for row in rows)
    return [text for text in texts if len(text) <= limit]


def difficult_texts(count: int, seed: int) -> list[str]:
    """Returns generated texts to which one or more rules apply."""
    chance = random.Random(seed)
    return [_text(chance) for _ in range(count)]


def every_piece() -> list[str]:
    """Returns each piece alone, and each emoji between letters."""
    return [*(piece for kind in _KINDS for piece in kind), *_SPACES, *(f"a{sign}b" for sign in emoji())]


@cache
def emoji() -> tuple[str, ...]:
    """Returns every emoji in the presets' tables."""
    tables = (EXPORT / "bundle" / "preprocessing_tables" / f"{preset}.json" for preset in ("bertweet", "pysentimiento"))
    return tuple(sorted({sign for table in tables for sign in json.loads(table.read_bytes())["emoji"]}))


def _text(chance: random.Random) -> str:
    # Some texts have spaces between pieces, some have none, some have pieces of only one kind.
    spaced = chance.choice((0.1, 0.5, 0.9))
    kind = chance.choice(_KINDS) if chance.random() < 0.3 else ()
    parts = []
    for _ in range(chance.randint(1, 8)):
        parts += [_part(chance, kind), _space(chance) if chance.random() < spaced else ""]
    return "".join(parts)


def _part(chance: random.Random, kind: tuple[str, ...]) -> str:
    draw = chance.random()
    if draw < 0.55:
        return chance.choice(kind or chance.choice(_KINDS))
    if draw < 0.65:
        return chance.choice(emoji())
    if draw < 0.7:
        sign = chance.choice(emoji())
        return sign[: chance.randint(1, len(sign))]
    if draw < 0.76:
        return chance.choice(chance.choice(_KINDS)) * chance.randint(2, 5)
    if draw < 0.84:
        return "".join(chance.choices("ha.@#_-'/:)(019aAſ…&;|Σ\ufe0f\u200d", k=chance.randint(1, 6)))
    return chr(chance.randrange(*chance.choice(_RANGES)))


def _space(chance: random.Random) -> str:
    return " " if chance.random() < 0.75 else chance.choice(_SPACES)
