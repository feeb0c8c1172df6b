"""What the embedded default is trained on: nothing that it is judged by."""

import random
from pathlib import Path

from training.emoji import EMOJI, draw_emoji
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
