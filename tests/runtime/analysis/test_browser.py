"""Pages in a real browser: they need nothing else, follow the dark setting, and fit a phone."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import linnet
import numpy as np
import pytest
from linnet.analysis.calibration.calibrating import calibrate
from linnet.analysis.calibration.pages import calibration_page
from linnet.analysis.evaluation.pages import comparison_page, evaluation_page
from linnet.bundle.manifest import Figure

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

PHONE = 360  # CSS pixels
TEXTS = ["Good news!", "Worst service ever", "The train leaves at 9:40 <b>", "a" * 300, "مرحبا بالعالم", "It is Monday"]
LABELS = ["positive", "negative", "neutral", "positive", "negative", "positive"]

# The browser prints the document when it is loaded; the frame is as wide as a phone.
FRAME = """<!doctype html><iframe src="page.html" style="width:{width}px; height:800px; border:0"></iframe>
<pre></pre><script>
onload = () => {{
  const inner = document.querySelector("iframe").contentDocument, body = inner.body;
  const colour = name => getComputedStyle(body)[name].match(/\\d+/g).map(Number);
  document.querySelector("pre").textContent = JSON.stringify({{
    width: inner.documentElement.scrollWidth, paper: colour("backgroundColor"), ink: colour("color"),
    plots: [...inner.querySelectorAll("svg")].map(svg => svg.getBoundingClientRect().width),
    cut: [...inner.querySelectorAll("svg text")].filter(text => {{
      const box = text.getBoundingClientRect(), all = text.ownerSVGElement.getBoundingClientRect();
      return box.left < all.left - 1 || box.right > all.right + 1 || box.bottom > all.bottom + 1;
    }}).map(text => text.textContent),
    loaded: inner.defaultView.performance.getEntriesByType("resource").length,
  }});
}};
</script>"""


@pytest.fixture(scope="module", params=["evaluation", "comparison", "calibration"])
def page(request: pytest.FixtureRequest, model: linnet.Classifier) -> str:
    texts, labels = TEXTS * 3, LABELS * 3
    if request.param == "calibration":
        logits = np.tile(np.eye(3, dtype=np.float32) * 3, (100, 1))
        truths = np.where(np.arange(300) % 7 == 0, 0, np.arange(300) % 3)
        calibrated = calibrate(model.head, logits, truths, range(300), bias=True)
        return calibration_page(calibrated, model="my-bundle", data="tweets.csv")
    if request.param == "comparison":
        found = linnet.compare(model, model, texts, labels)
        return comparison_page(found, names=("first-bundle", "second-bundle"), data="tweets.csv")
    evaluated = linnet.evaluate(model, texts, labels, groups=["English", "a very long name of a group"] * 9)
    figures = [Figure("macro recall, a test", 72.8, "a paper")]
    return evaluation_page(evaluated, model="my-bundle", data="tweets.csv", published=figures)


def opened(page: str, folder: Path, width: int, *, dark: bool) -> dict[str, Any]:
    """What the browser measures of a page in a frame of this width."""
    assert CHROMIUM
    (folder / "page.html").write_text(page, encoding="utf-8")
    (folder / "frame.html").write_text(FRAME.format(width=width), encoding="utf-8")
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--allow-file-access-from-files",
            f"--user-data-dir={folder / 'profile'}", f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            "--enable-logging=stderr", "--dump-dom", (folder / "frame.html").as_uri(),
        ],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert "Refused to" not in done.stderr and "CONSOLE" not in done.stderr
    measured: dict[str, Any] = json.loads(done.stdout.partition("<pre>")[2].partition("</pre>")[0])
    return measured


@pytest.mark.parametrize("dark", [False, True])
def test_pages_follow_the_dark_setting(page: str, tmp_path: Path, dark: bool) -> None:
    found = opened(page, tmp_path, 1000, dark=dark)
    assert (sum(found["paper"]) < sum(found["ink"])) == dark
    assert abs(sum(found["paper"]) - sum(found["ink"])) > 450  # of 765: easy to read
    assert found["loaded"] == 0


def test_pages_fit_a_phone(page: str, tmp_path: Path) -> None:
    found = opened(page, tmp_path, PHONE, dark=False)
    assert found["width"] == PHONE
    assert found["plots"] and all(0 < width <= PHONE for width in found["plots"])
    assert found["cut"] == []
