"""Adapted bundles know labels that the checkpoint never had, in the ONNX graph itself."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import linnet
import numpy as np
import pytest
from commands import Run
from linnet.analysis.adaptation.adapting import Adaptation, adapt, changes_of
from linnet.analysis.adaptation.graphs import (
    features_model,
    features_of_classifier,
    features_of_embedder,
    with_head,
)
from linnet.bundle.deriving import derive, target_of
from linnet.bundle.opening import Bundle, open_bundle
from linnet.bundle.settings import EmbeddingSettings
from linnet.errors import InputError
from linnet.inference.network import make_node, read_network
from linnet.names import CARD, DERIVED
from linnet.pipeline import Encoder
from linnet.postprocessing.pooling import POOLINGS, normalized

TOPICS = {
    "food": [
        "soup",
        "bread",
        "cheese",
        "dinner",
        "kitchen",
        "recipe",
        "salt",
        "lunch",
        "pasta",
        "cake",
        "tea",
        "butter",
    ],
    "sport": [
        "goal",
        "match",
        "team",
        "league",
        "coach",
        "stadium",
        "referee",
        "season",
        "player",
        "ball",
        "race",
        "medal",
    ],
    "trains": [
        "train",
        "platform",
        "station",
        "ticket",
        "delay",
        "track",
        "conductor",
        "carriage",
        "railway",
        "bridge",
        "timetable",
        "seat",
    ],
}
FRAMES = ("the {} is here", "we talked of {} today", "more {} please", "a {} again", "my {} was fine")


def texts_of(topics: dict[str, list[str]], per_label: int) -> tuple[list[str], list[str]]:
    pairs = [
        (
            FRAMES[index % len(FRAMES)].format(
                f"{words[index % len(words)]} and {words[(index * 5 + 1) % len(words)]}"
            ),
            label,
        )
        for label, words in topics.items()
        for index in range(per_label)
    ]
    texts, labels = zip(*pairs, strict=True)
    return list(texts), list(labels)


def features(bundle: Bundle, found: Adaptation, texts: list[str]) -> np.ndarray:
    encoder = Encoder(bundle, task=bundle.settings.task, model=found.features_model())
    return np.concatenate([part.values for part in encoder.rows(texts, np.copy, preprocess=True)])


def written(bundle: Bundle, found: Adaptation, folder: Path) -> linnet.Classifier:
    derive(bundle, target_of(bundle, folder, overwrite=False), changes_of(bundle, found))
    return linnet.load_classifier(folder)


@pytest.fixture(scope="module")
def adapted(default: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Adaptation, linnet.Classifier]:
    texts, labels = texts_of(TOPICS, 40)
    found = adapt(open_bundle(default), texts, labels)
    return found, written(open_bundle(default), found, tmp_path_factory.mktemp("adapted") / "topics")


def test_new_labels_are_learnt(adapted: tuple[Adaptation, linnet.Classifier]) -> None:
    found, model = adapted
    assert found.labels == model.labels == ("food", "sport", "trains")
    assert found.most_frequent == pytest.approx(1 / 3)
    assert found.figures.accuracy.value > 0.6
    assert found.figures.macro_recall.low > found.most_frequent
    assert model("the cheese and butter is here").label == "food"


def test_the_logits_are_those_of_the_head_on_the_features(
    adapted: tuple[Adaptation, linnet.Classifier], default: Path
) -> None:
    found, model = adapted
    texts = [*texts_of(TOPICS, 5)[0], "", "a", "long " * 600]
    expected = features(open_bundle(default), found, texts) @ found.head.weights.T + found.head.bias
    np.testing.assert_allclose(model.logits(texts), expected, atol=1e-5)


def test_a_text_gets_the_same_bits_alone_and_in_bulk(adapted: tuple[Adaptation, linnet.Classifier]) -> None:
    _, model = adapted
    texts, _ = texts_of(TOPICS, 40)
    alone = np.concatenate([model.logits(text) for text in texts])
    assert model.logits(texts).tobytes() == alone.tobytes()


def test_the_bundle_says_what_it_is(adapted: tuple[Adaptation, linnet.Classifier], default: Path, run: Run) -> None:
    found, model = adapted
    folder = model.bundle.path
    assert run("verify", folder).status == 0
    assert model.bundle.manifest.parent == open_bundle(default).digest
    assert model.bundle.manifest.source == open_bundle(default).manifest.source
    (step,) = json.loads((folder / DERIVED).read_bytes())["steps"]
    assert step["figures"]["accuracy"] == found.figures.accuracy.value
    assert step["figures"]["macro_recall"] == found.figures.macro_recall.value
    assert step["figures"]["labels"]["food"]["texts"] == 40
    card = (folder / CARD).read_text(encoding="utf-8")
    assert f"**Accuracy**: {found.figures.accuracy.value:.1%}" in card
    assert f"**Macro recall**: {found.figures.macro_recall.value:.1%}" in card
    config = model.bundle.config
    assert config["label2id"] == {"food": 0, "sport": 1, "trains": 2}
    assert config["architectures"] == ["BertForSequenceClassification"]


def test_the_same_texts_give_the_same_bytes(adapted: tuple[Adaptation, linnet.Classifier], default: Path) -> None:
    found, _ = adapted
    again = adapt(open_bundle(default), *texts_of(TOPICS, 40))
    assert again.model == found.model


def test_an_adapted_bundle_can_be_adapted_and_calibrated(
    adapted: tuple[Adaptation, linnet.Classifier], tmp_path: Path, run: Run
) -> None:
    _, first = adapted
    texts, labels = texts_of({"eat": TOPICS["food"], "go": TOPICS["trains"]}, 40)
    second = written(first.bundle, adapt(first.bundle, texts, labels), tmp_path / "second")
    assert second.labels == ("eat", "go")
    data = tmp_path / "data.csv"
    data.write_text("\n".join(["text,label", *map(",".join, zip(texts, labels, strict=True))]), encoding="utf-8")
    assert run("calibrate", second.bundle.path, "--data", data, "--output", tmp_path / "third").status == 0
    assert run("verify", tmp_path / "third").status == 0
    steps = json.loads((tmp_path / "third" / DERIVED).read_bytes())["steps"]
    assert [step["command"] for step in steps] == ["adapt", "adapt", "calibrate"]


def test_a_calibration_of_the_old_labels_goes(
    bundle_copy: Path, rewrite_json: Callable[..., None], tmp_path: Path
) -> None:
    rewrite_json(bundle_copy, "linnet.json", calibration={"temperature": 2.0, "thresholds": {"positive": 0.9}})
    bundle = open_bundle(bundle_copy)
    assert written(bundle, adapt(bundle, *texts_of(TOPICS, 8)), tmp_path / "new").bundle.settings.calibration is None


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("pooling", list(POOLINGS))
def test_the_features_of_an_embedding_bundle_are_its_vectors(tiny: Path, pooling: str, normalize: bool) -> None:
    bundle = open_bundle(tiny)
    network = features_of_embedder(bundle.model, EmbeddingSettings(pooling, normalize))
    texts = [*texts_of(TOPICS, 30)[0], "", "a"]

    def pooled(vectors: np.ndarray) -> np.ndarray:
        vector = POOLINGS[pooling](vectors)
        return normalized(vector) if normalize else vector

    def rows(encoder: Encoder, finish: Callable[[np.ndarray], np.ndarray], texts: list[str]) -> np.ndarray:
        return np.concatenate([part.values for part in encoder.rows(texts, finish, preprocess=True)])

    expected = rows(Encoder(bundle, task=bundle.settings.task), pooled, texts)
    encoder = Encoder(bundle, task=bundle.settings.task, model=features_model(network))
    found = rows(encoder, np.copy, texts)
    np.testing.assert_allclose(found, expected, atol=2e-6)
    assert found.tobytes() == b"".join(rows(encoder, np.copy, [text]).tobytes() for text in texts)


def test_an_embedding_bundle_becomes_a_classifier(tiny: Path, tmp_path: Path, run: Run) -> None:
    bundle = open_bundle(tiny)
    texts, labels = texts_of({"food": ["soup"], "trains": ["platform"]}, 10)
    texts = [f"{text} {index}" for index, text in enumerate(texts)]
    found = adapt(bundle, texts, labels)
    model = written(bundle, found, tmp_path / "new")
    assert run("verify", tmp_path / "new").status == 0
    assert (model.bundle.settings.task, model.bundle.settings.embedding) == ("text-classification", None)
    expected = features(bundle, found, texts) @ found.head.weights.T + found.head.bias
    np.testing.assert_allclose(model.logits(texts), expected, atol=1e-5)


def test_other_heads_are_refused_by_name(default: Path) -> None:
    network = read_network(open_bundle(default).model)
    turned = network.with_nodes([make_node("Tanh", ["logits"], "turned")], {}).model("batch_size", 3)
    with pytest.raises(InputError, match=r"expected a graph that ends in a product .*, found .* Tanh; adapt another"):
        features_of_classifier(turned)


@pytest.mark.parametrize("scheme", ["scaled", "quantized"])
def test_heads_in_other_forms_are_found(default: Path, scheme: str) -> None:
    network = read_network(open_bundle(default).model)
    gemm = network.nodes[-1]
    data, weights, bias = gemm.inputs
    before = network.up_to(data)
    ones = {"w": np.ones((384, 3), np.float32), "b": np.ones(3, np.float32), "s": np.ones(3, np.float32)}
    if scheme == "scaled":
        nodes = [
            make_node("MatMul", [data, "w"], "p"),
            make_node("Mul", ["p", "s"], "m"),
            make_node("Add", ["b", "m"], "l"),
        ]
    else:
        zero = {"z": np.array(0, np.float32)}
        ones |= zero
        nodes = [
            make_node("QuantizeLinear", [data, "s"], "q"),
            make_node("MatMulInteger", ["q", "w"], "p"),
            make_node("Cast", ["p"], "c", to=1),
            make_node("Mul", ["c", "s"], "m"),
            make_node("Add", ["m", "b"], "l"),
        ]
    model = before.with_nodes(nodes, ones).model("batch_size", 3)
    found = features_of_classifier(model)
    assert (found.outputs, found.nodes) == ((data,), before.nodes)
    assert (weights, bias) != ("w", "b")


def test_a_new_head_leaves_nothing_of_the_old_one(default: Path) -> None:
    model = open_bundle(default).model
    network = features_of_classifier(model)
    old = set(read_network(model).constants) - set(network.constants)
    new = read_network(with_head(network, np.ones((5, 384), np.float32), np.zeros(5, np.float32)))
    assert old and not old & set(new.constants)
    assert new.outputs == ("logits",)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["a"] * 16, "expected 2 to 1,000 labels, found 1"),
        (["a"] * 8 + ["b"] * 7 + ["c"], "at least 8 different texts of each label, found 7 of 'b' and 1 of 'c'; add"),
        (["a"] * 9 + ["b"] * 7, "at least 8 different texts of each label, found 7 of 'b'; add"),
        ([f"{n:02}" for n in range(16)], "1 of '08', 1 of '09' and too few of 6 others; add texts"),
        ([f"{n:02}" for n in range(16)], "; if these are no labels, name the column of the labels"),
        (["a"] * 8 + ["b"] * 7 + [""], "text 15: expected a label"),
        (["a"] * 8 + ["b"] * 7 + ["b\n"], "text 15: expected a label"),
        (["a"] * 8 + ["b"] * 7, "found 16 texts and 15 labels"),
    ],
)
def test_labels_that_cannot_be_learnt_are_refused(default: Path, labels: list[str], told: str) -> None:
    with pytest.raises(InputError) as error:
        adapt(open_bundle(default), [f"text {number}" for number in range(16)], labels)
    assert told in str(error.value)


def test_repeated_texts_do_not_count(default: Path) -> None:
    with pytest.raises(InputError, match="at least 8 different texts"):
        adapt(open_bundle(default), ["a", "b"] * 20, ["x", "y"] * 20)


def test_eight_texts_of_each_label_are_enough(default: Path) -> None:
    found = adapt(open_bundle(default), *texts_of(TOPICS, 8))
    assert found.figures.rows == 24


def test_the_command_writes_and_reports(run: Run, default: Path, tmp_path: Path) -> None:
    texts, labels = texts_of(TOPICS, 20)
    data, output = tmp_path / "tickets.jsonl", tmp_path / "new"
    data.write_text("".join(json.dumps({"body": a, "team": b}) + "\n" for a, b in zip(texts, labels, strict=True)))
    argv = ["adapt", default, "--data", data, "--column", "body", "--label-column", "team", "--output", output]
    result = run(*argv)
    assert result.status == 0
    for told in ("accuracy", "macro recall", "always the most frequent label", "food", "trains"):
        assert told in result.out
    assert f"bundle → {output}" in result.err
    assert run(*argv).status == 2
    (report,) = run(*argv, "--overwrite", "--json").rows
    assert report["digest"] == open_bundle(output).digest
    assert report["parent"] == open_bundle(default).digest
    assert 0 < report["macro_recall"] <= 1
    assert {row["label"] for row in run("classify", "--bundle", output, "--json", *texts).rows} == set(TOPICS)


def test_text_and_label_files_work_too(run: Run, tmp_path: Path) -> None:
    texts, labels = texts_of(TOPICS, 10)
    (tmp_path / "x_text.txt").write_text("\n".join(texts))
    (tmp_path / "x_labels.txt").write_text("\n".join(labels))
    assert run("adapt", "--data", tmp_path / "x_text.txt", "--output", tmp_path / "new").status == 0
    assert open_bundle(tmp_path / "new").labels == tuple(sorted(TOPICS))


def test_real_tweets_are_told_apart_better_than_by_the_majority(default: Path, data: Path) -> None:
    folder = data / "tweeteval_sentiment"
    texts, labels = (
        (folder / f"val_{name}.txt").read_text(encoding="utf-8").split("\n")[:-1] for name in ("text", "labels")
    )
    found = adapt(open_bundle(default), texts, labels)
    assert found.figures.accuracy.low > found.most_frequent + 0.2
    assert found.figures.macro_recall.low > 0.65


def test_multi_label_bundles_become_exclusive(default: Path) -> None:
    bundle = open_bundle(default)
    told = {**bundle.config, "problem_type": "multi_label_classification", "num_labels": 3}
    found = adapt(bundle, *texts_of(TOPICS, 8))
    changes = changes_of(replace(bundle, config=told), found)
    assert changes.config is not None
    assert not {"problem_type", "num_labels"} & set(changes.config)


@pytest.mark.skipif(sys.platform == "win32", reason="processor time of a child is measured with resource")
def test_adapting_costs_at_most_half_more_than_classifying(data: Path, tmp_path: Path) -> None:
    texts = (data / "tweeteval_sentiment" / "val_text.txt").read_text(encoding="utf-8").split("\n")[:1000]
    table = tmp_path / "texts.jsonl"
    table.write_text(
        "".join(json.dumps({"text": text, "team": f"team {len(text) // 9 % 8}"}) + "\n" for text in texts),
        encoding="utf-8",
    )
    classifying = ["classify", "--input", str(table), "--output", str(tmp_path / "out.csv")]
    adapting = [
        "adapt",
        "--data",
        str(table),
        "--label-column",
        "team",
        "--output",
        str(tmp_path / "new"),
        "--overwrite",
    ]
    assert min(processor_time(adapting) for _ in range(2)) <= 1.5 * min(processor_time(classifying) for _ in range(2))


def processor_time(arguments: list[str]) -> float:
    """The seconds of processor time that a command takes, on all its threads."""
    import resource

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = spent()
    subprocess.run([sys.executable, "-m", "linnet", *arguments], check=True, capture_output=True)
    return spent() - before
