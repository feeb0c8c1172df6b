"""Opens pages in a real browser, for the tests of pages."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

PHONE = 360  # CSS pixels

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
