"""What is measured of Linnet besides: its bits, its graph beside optimum's on one thread, and texts of fixed lengths."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from benchmark.lengths import PEERS, TOKENS, lengths
from benchmark.measure import Contender
from benchmark.peers import LINNET, SLIM
from benchmark.processes import WorkerError, run
from benchmark.store import Store, say
from benchmark.tweets import Tweets

_TOKENS, _TIMES = 32, 300

Results = dict[str, Any]


def besides(
    store: Store, contenders: Mapping[str, Contender], tweets: Tweets, *, rounds: int, failed: dict[str, str]
) -> Results:
    """Every measure that these contenders allow; the reason of one that fails goes to ``failed``."""
    measures: dict[str, tuple[str, Callable[[], Any]]] = {
        "bits": ("the same bits however it is called?", lambda: _bits(store, contenders, tweets)),
        "lengths": (
            f"one text of {', '.join(map(str, TOKENS))} tokens, on all threads",
            lambda: _lengths(store, contenders, rounds),
        ),
    }
    optimum = next((each for each in contenders.values() if each.row.artifact == "optimum_int8"), None)
    if optimum:
        measures["one_thread"] = (
            f"its graph and optimum's, a text of {_TOKENS} tokens on one thread",
            lambda: _one_thread(store, contenders, optimum),
        )
    found = {}
    for name, (what, measure) in measures.items():
        say(f"  linnet: {what}")
        try:
            found[name] = measure()
        except WorkerError as error:
            failed[name] = str(error)
            say(f"  {name}: failed: {error}")
    return found


def _bits(store: Store, contenders: Mapping[str, Contender], tweets: Tweets) -> Any:
    texts = store.folder / "bits.json"
    texts.write_text(json.dumps(tweets.single))
    return json.loads(run(SLIM, "bits", contenders[LINNET.name].folder, texts, log=store.log("bits")))


def _one_thread(store: Store, contenders: Mapping[str, Contender], optimum: Contender) -> Any:
    arguments = contenders[LINNET.name].folder, optimum.folder, _TOKENS, _TIMES
    return json.loads(run(SLIM, "one_thread", *arguments, log=store.log("one_thread")))


def _lengths(store: Store, contenders: Mapping[str, Contender], rounds: int) -> Any:
    printed = run(SLIM, "fixed_texts", contenders[LINNET.name].folder, *TOKENS, log=store.log("lengths"))
    texts = {int(tokens): text for tokens, text in json.loads(printed).items()}
    return lengths([contenders[name] for name in PEERS if name in contenders], texts, rounds)
