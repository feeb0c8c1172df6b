"""What the embedded default is trained on: nothing that it is judged by."""

import io
import random
import tarfile
import zipfile
from pathlib import Path

import pytest
import torch
from training.emoji import EMOJI, draw_emoji
from training.finetune import KEPT, LATER, mixed
from training.ratings import SOURCES, read_ratings
from training.semeval import Tweet, leave_out, match_key, read_semeval, read_tweeteval_validation, unescape


def test_tweeteval_validation_is_found_among_the_semeval_tweets(data: Path) -> None:
    keys = {match_key(tweet.text) for tweet in read_semeval(data)}
    validation = read_tweeteval_validation(data)
    assert len(validation) == 2000
    assert sum(match_key(tweet.text) in keys for tweet in validation) >= 1990


def test_no_validation_tweet_is_trained_on(data: Path) -> None:
    validation = read_tweeteval_validation(data)
    kept = leave_out(read_semeval(data), validation)
    assert len(kept) > 45_000
    assert not {match_key(tweet.text) for tweet in kept} & {match_key(tweet.text) for tweet in validation}


def test_a_tweet_is_the_same_in_both_forms() -> None:
    semeval = r"@JohnDoe I\u2019m going to see it\u002c Sat &amp; Sun!  http://t.co/abc"
    tweeteval = r"@user I\u2019m going to see it\u002c Sat &amp; Sun! "
    assert match_key(semeval) == match_key(tweeteval) == "imgoingtoseeitsatsun"


def test_a_tweet_that_is_held_out_or_disputed_is_left_out() -> None:
    tweets = [Tweet("kept", 0, 2013), Tweet("Kept!", 0, 2014), Tweet("out", 1, 2013), Tweet("both", 0, 2013)]
    tweets.append(Tweet("both", 2, 2015))
    assert leave_out(tweets, [Tweet("@user OUT", 2, 2016)]) == [tweets[0]]


def test_escapes_are_resolved() -> None:
    assert unescape(r"don\u2019t &lt;3") == "don\u2019t <3"


def test_emoticons_become_emoji() -> None:
    drawn = draw_emoji("so happy :) http://x.y/:)", random.Random(0))
    assert ":) " not in drawn and "http://x.y/:)" in drawn
    assert set(drawn.split()[2]) <= set(EMOJI)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive as that of ``vaderSentiment``, with one text in two files and two in a third."""
    files = {f"{source}_{kind}.txt": "" for source in SOURCES for kind in ("GroundTruth", "anonDataRatings")}
    files |= {
        "tweets_GroundTruth.txt": "1\t2.5\tGood news, \u2019tis!\r\n",
        "tweets_anonDataRatings.txt": "1\t2.5\t0.5\t[2, 3, 0, -1]\r\n",
        "amazonReviewSnippets_GroundTruth.txt": "\ufeff1_1\t-3\tbroke\n1_2\t0\tarrived\n",
        "amazonReviewSnippets_anonDataRatings.txt": "\ufeff1_1\t-3\t0.0\t[-3, -3]\n1_2\t0\t0\t[0]\n9_9\t0\t0\t[0]\n",
    }
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"hutto_ICWSM_2014/{name}")
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    with zipfile.ZipFile(tmp_path / "vaderSentiment-0.5.zip", "w") as outer:
        outer.writestr("vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz", inner.getvalue())
    return tmp_path / "vaderSentiment-0.5.zip"


def test_ratings_become_shares_of_the_labels(archive: Path) -> None:
    assert read_ratings(archive) == [
        ("Good news, \u2019tis!", (0.25, 0.25, 0.5)),
        ("broke", (1.0, 0.0, 0.0)),
        ("arrived", (0.0, 1.0, 0.0)),
    ]


def test_weights_move_back_and_labels_get_their_bias() -> None:
    before = {"other": torch.zeros(2), "classifier.bias": torch.zeros(3)}
    found = mixed(before, {"other": torch.ones(2), "classifier.bias": torch.ones(3)})
    assert found["other"].tolist() == pytest.approx([1 - KEPT] * 2)
    biases = [LATER["negative"], 0.0, LATER["positive"]]
    assert found["classifier.bias"].tolist() == pytest.approx([1 - KEPT + bias for bias in biases])
