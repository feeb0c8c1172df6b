"""What of the benchmark is not measuring: whose turn it is, batches, ratios, tables, the chart, what is made again."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from benchmark.batches import in_sorted_batches, padded, softmax, sorted_batches
from benchmark.chart import bars
from benchmark.judge import closeness, cosine, moved
from benchmark.measure import ratio, turns
from benchmark.peers import EMBEDDING, LINNET, ROWS
from benchmark.results import add_ratios
from benchmark.shapes import SHAPES
from benchmark.store import Store
from benchmark.table import report, table
from benchmark.targets import judged
from benchmark.tweets import read_tweets

LENGTHS = (3, 9, 1, 7, 7, 2, 12, 5)
IDS = [list(range(10 * row, 10 * row + length)) for row, length in enumerate(LENGTHS)]


def test_peers_take_turns() -> None:
    assert list(turns("ABC", 2)) == [(0, "A"), (0, "B"), (0, "C"), (1, "A"), (1, "B"), (1, "C")]


def test_sorted_batches_have_every_text_once_within_the_budget() -> None:
    batches = list(sorted_batches(IDS, 14))
    assert sorted(row for batch in batches for row in batch) == list(range(len(IDS)))
    longest = [len(IDS[batch[0]]) for batch in batches]
    assert longest == sorted(longest, reverse=True)
    assert all(len(batch) * length <= 14 for batch, length in zip(batches, longest, strict=True))
    assert len(batches) < len(IDS)


def test_a_text_longer_than_the_budget_is_a_batch_of_its_own() -> None:
    assert next(iter(sorted_batches(IDS, 2))) == [6]


def test_batches_are_padded_and_masked() -> None:
    inputs = padded(IDS, [0, 2], pad_token_id=-1)
    assert inputs["input_ids"].tolist() == [[0, 1, 2], [20, -1, -1]]
    assert inputs["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]


def test_scores_come_back_in_the_texts_order() -> None:
    def logits_of(input_ids: Any, attention_mask: Any) -> Any:
        return np.stack([attention_mask.sum(axis=1), input_ids[:, 0]], axis=1) / 10

    scores = in_sorted_batches(IDS, 14, 0, logits_of)
    expected = softmax(np.array([[len(ids) / 10, ids[0] / 10] for ids in IDS]))
    np.testing.assert_allclose(scores, expected, rtol=1e-6)


def test_softmax_of_large_logits_is_finite() -> None:
    np.testing.assert_allclose(softmax(np.array([[1000.0, 1000.0]])), [[0.5, 0.5]])


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    # The machine was half as fast in the second round, and another thing ran beside the third.
    assert ratio([200, 100, 200], [100, 50, 400]) == 2


def test_closeness_counts_labels_and_those_that_fp32_is_sure_of() -> None:
    original = np.array([[0.9, 0.1], [0.52, 0.48], [0.2, 0.8], [0.7, 0.3]], dtype=np.float32)
    scores = np.array([[0.8, 0.2], [0.48, 0.52], [0.2, 0.8], [0.4, 0.6]], dtype=np.float32)
    found = closeness(scores, original)
    assert found.agreement == 50
    assert found.sure_agreement == pytest.approx(200 / 3)
    assert found.mean_difference == pytest.approx((0.1 + 0.04 + 0 + 0.3) / 4)
    assert found.greatest_difference == pytest.approx(0.3)


def test_closeness_has_no_sure_labels_where_fp32_is_never_sure() -> None:
    even = np.full((3, 2), 0.5, dtype=np.float32)
    assert closeness(even, even).sure_agreement is None


def test_closeness_refuses_scores_of_other_texts() -> None:
    for compare in (closeness, cosine):
        with pytest.raises(ValueError, match=r"expected answers of the shape \(3, 2\)"):
            compare(np.ones((2, 2), dtype=np.float32), np.ones((3, 2), dtype=np.float32))


def test_cosines_of_vectors_are_told_by_their_mean_and_their_least() -> None:
    found = cosine(np.array([[3, 0], [2, 2]], dtype=np.float32), np.array([[1, 0], [0, 1]], dtype=np.float32))
    assert found.mean == pytest.approx((1 + np.sqrt(0.5)) / 2)
    assert found.least == pytest.approx(np.sqrt(0.5))


def test_one_bit_is_a_moved_text() -> None:
    together = np.array([[0.25, 0.75], [0.5, 0.5], [0.1, 0.9]], dtype=np.float32)
    alone = together[:2].copy()
    assert moved(together, alone) == (0, 0.0)
    alone[1, 0] = np.nextafter(np.float32(0.5), np.float32(1))
    texts, most = moved(together, alone)
    assert texts == 1 and 0 < most < 1e-7


def test_a_table_is_markdown() -> None:
    assert table(("", "a|b"), [("c", "d")]) == "|  | a\\|b |\n| --- | --- |\n| c | d |"


def _row(title: str, speed: float, difference: float) -> dict[str, Any]:
    rounds = {"speed": [speed, speed], "p50": [8.0, 8.0], "p99": [9.0, 9.0], "first": [0.2, 0.2], "rss": [150.0, 150.0]}
    rounds["anonymous"] = [100.0, 100.0]
    close = {"agreement": 99.0, "sure_agreement": 100.0, "mean_difference": difference, "greatest_difference": 0.1}
    medians = {name: values[0] for name, values in rounds.items()}
    row = {"title": title, "mode": "", "peak": 200.0, "size": 130.0, "rounds": rounds, "closeness": close}
    return row | medians | {"moved": {"texts": 0, "of": 200, "most": 0.0}}


def _results(processor: str = "avx512-vnni") -> dict[str, Any]:
    rows = {"linnet": _row("Linnet", 250, 0.005), "optimum": _row("optimum <INT8> & more", 100, 0.02)}
    add_ratios(rows)
    one_thread = {"linnet": {"call": 9.0, "graph": 8.0}, "optimum": {"call": 11.0, "graph": 10.0}}
    one_thread |= {"ratio": {"call": 9 / 11, "graph": 0.8}, "tokens": 32}  # type: ignore[dict-item]
    shape = {"title": "RoBERTa-base", "rows": rows, "failed": {"openvino": "it ended"}, "one_thread": one_thread}
    shape["bits"] = {"texts": 200, "differing": {"alone": 0, "on one thread": 3}}
    shape["lengths"] = {"8": {"p50": {"linnet": 1.0, "optimum": 2.0}, "ratio": {"optimum": 0.5}}}
    shapes = {"roberta-base": shape, "default": shape}
    settings = {"rounds": 5, "tweets": 1000, "single": 200, "threads": 2}
    known = {"machine": "m", "class": processor, "settings": settings}
    return {**known, "shapes": shapes, "targets": judged(shapes, processor)}


def test_ratios_are_linnets_to_the_peers() -> None:
    rows = _results()["shapes"]["roberta-base"]["rows"]
    assert rows["optimum"]["ratios"]["speed"] == 2.5
    assert rows["linnet"]["ratios"]["speed"] == 1
    assert rows["linnet"]["closeness"]["of_optimum"] == 0.25


def test_targets_are_met_missed_or_not_measured() -> None:
    found = {each["title"]: each for each in _results()["targets"]}
    of = {title.split(":")[0].split(",")[0]: each for title, each in found.items()}
    assert of["bulk tweets"]["met"] is True and of["bulk tweets"]["written"] == "2.50 ×"
    assert of["one text of 32 tokens"]["met"] is True
    assert of["texts with other bits in another batch"]["met"] is False
    assert of["against OpenVINO INT8 (static)"] | {"title": ""} == {
        "title": "",
        "wanted": "at least 0.9 ×; stretch 1.05 ×",
        "value": None,
        "written": "not measured",
        "met": None,
    }


def test_every_class_has_targets_of_its_own() -> None:
    avx2 = {each["title"]: each for each in _results("avx2")["targets"]}
    assert avx2["RSS after one answer, RoBERTa-base"]["wanted"] == "at most 175 MB"
    assert avx2["anonymous part of the RSS after one answer, RoBERTa-base"]["met"] is True
    assert avx2["labels as in fp32, trained checkpoint"]["met"] is False
    assert not any("one text of 32 tokens" in title for title in avx2)
    assert [each["wanted"] for each in _results("neon")["targets"]] == ["none"]


def test_the_report_says_everything() -> None:
    said = report(_results())
    assert "| Linnet | 250 | 1.00 × |" in said
    assert "**not met**" in said and "not measured" in said
    assert "openvino failed: it ended" in said
    widths = {line.count(" | ") for line in said.split("\n") if line.startswith("| Linnet")}
    assert widths == {10, 6}
    assert "5 rounds, 1000 tweets in bulk, 200 one at a time, 2 threads" in said
    assert "| 8 tokens | 1.00 ms | 2.00 ms (0.50) |" in said
    assert "### Targets for avx512-vnni" in said


def test_the_report_of_an_embedder_has_cosines() -> None:
    results = _results()
    for row in results["shapes"]["default"]["rows"].values():
        del row["closeness"]
        row["cosine"] = {"mean": 0.99881, "least": 0.9944}
    assert "| Linnet | 0.9988 | 0.9944 | 0 of 200 (≤ 0.0e+00) |" in report(results)


def test_the_chart_is_xml_with_a_bar_a_row() -> None:
    rows = list(_results()["shapes"]["roberta-base"]["rows"].values())
    drawn = ElementTree.fromstring(bars(rows, title='Tweets a second: "fast" & slow', ours=LINNET.title))
    lengths = [float(bar.attrib["width"]) for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert math.isclose(lengths[0] / lengths[1], 2.5, rel_tol=0.01)
    texts = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert "optimum <INT8> & more" in texts and "250" in texts
    ours = [bar for bar in drawn.iter("{http://www.w3.org/2000/svg}rect") if "ours" in bar.attrib["class"]]
    assert len(ours) == 1


def test_names_are_unique_and_every_module_is_there() -> None:
    peers = Path(__file__).parents[2] / "scripts" / "benchmark" / "peers"
    assert len({row.name for row in ROWS}) == len({row.title for row in ROWS}) == len(ROWS)
    assert all((peers / f"{module}.py").is_file() for row in ROWS for module in (row.module, row.artifact) if module)
    assert {shape.name for shape in SHAPES if shape.task == EMBEDDING} == {"minilm"}
    assert all(LINNET in shape.rows and len(shape.rows) > 1 for shape in SHAPES)


def test_what_peers_run_is_made_once_and_again_when_it_would_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def make(environment: str, module: str, *arguments: object, log: Path) -> str:
        folder = Path(str(arguments[-1])) if module == "build" else tmp_path / "work" / "tiny" / "torch_int8.partial"
        folder.mkdir(parents=True)
        made.append(module)
        return ""

    monkeypatch.setattr("benchmark.store.run", make)
    shape = next(shape for shape in SHAPES if shape.name == "tiny")

    def artifact(**settings: Any) -> Path:
        store = Store(tmp_path / "work", shape, data=tmp_path, given=None, threads=1)
        return store.artifact("torch_int8", **settings)

    assert artifact(texts=["a"]).is_dir()
    artifact(texts=["a"])
    assert made == ["build", "prepare"]
    artifact(texts=["b"])
    assert made == ["build", "prepare", "prepare"]


def test_tweets_are_the_same_at_every_call_and_calibration_sees_none_of_them(data: Path) -> None:
    for shape in SHAPES[:3]:
        tweets = read_tweets(shape, data, bulk=100, single=20)
        assert tweets == replace(read_tweets(shape, data, bulk=100, single=20), labels=tweets.labels)
        assert len(tweets.bulk) == 100 and tweets.single == tweets.bulk[:20]
        assert not set(tweets.calibration) & {*tweets.bulk, *tweets.judged}
        assert (tweets.labels is not None) == shape.given
    with pytest.raises(SystemExit, match="--tweets: expected at most 2000"):
        read_tweets(SHAPES[0], data, bulk=2001, single=20)
