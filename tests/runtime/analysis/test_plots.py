"""Pages of results that are as good as can be."""

import linnet
from linnet.analysis.evaluation.pages import evaluation_page


def test_a_page_where_every_answer_is_right(model: linnet.Classifier) -> None:
    texts = [f"{word} news {number}" for number in range(20) for word in ("Good", "Bad")]
    labels = [str(prediction.label) for prediction in model(texts)]
    assert "accuracy" in evaluation_page(linnet.evaluate(model, texts, labels), model="m", data="d")
