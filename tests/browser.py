"""A browser without a window, where the machine has one, for tests of pages."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), "")
NODE = shutil.which("node") or ""
needs_browser = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")

_FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--enable-logging=stderr", "--hide-scrollbars", "--virtual-time-budget=3000"),
]


def browse(page: str, folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Chromium on a page of its own, with what the console says in `stderr`."""
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    command = [CHROMIUM, *_FLAGS, f"--user-data-dir={folder / 'profile'}", *flags, file.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


def complaints(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What the console of a page says."""
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def reported(script: str, frames: dict[str, tuple[str, int]], folder: Path, *flags: str) -> Any:
    """What a script reports of pages in frames.

    Args:
        script: the body of an async function of `frames`, windows by name; it returns plain data.
        frames: by name, a page and how wide its window is.
    """
    inside = "".join(
        f'<iframe name="{name}" style="width: {width}px; height: 800px; border: 0" '
        f'srcdoc="{html.escape(page)}"></iframe>'
        for name, (page, width) in frames.items()
    )
    page = f"""<!DOCTYPE html><meta charset="utf-8"><body>{inside}<pre id="report"></pre><script>
addEventListener("load", async () => {{
  const frames = Object.fromEntries([...document.querySelectorAll("iframe")]
    .map((frame) => [frame.name, frame.contentWindow]));
  const found = await (async (frames) => {{ {script} }})(frames)
    .catch((error) => ({{ failed: String(error.stack) }}));
  for (const frame of document.querySelectorAll("iframe")) frame.remove();
  document.getElementById("report").textContent = JSON.stringify(found);
}});
</script></body>"""
    done = browse(page, folder, "--dump-dom", *flags)
    text = re.search(r'<pre id="report">(.*?)</pre>', done.stdout, re.DOTALL)
    assert text, done.stderr
    found = json.loads(html.unescape(text[1]))
    assert "failed" not in found, found
    assert not complaints(done)
    return found


def evaluated(script: str, folder: Path) -> Any:
    """What a script gives (its last statement is `return ...`), by Node or in the browser; numbers
    that are not finite as text."""
    plain = "(key, value) => typeof value === 'number' && !isFinite(value) ? `${value}` : value"
    if not NODE:
        if not CHROMIUM:
            pytest.skip("there is nothing here that runs JavaScript")
        return reported(
            f"return JSON.parse(JSON.stringify((() => {{ {script} }})(), {plain}));", {}, folder
        )
    program = folder / "program.js"
    program.write_text(f"console.log(JSON.stringify((() => {{ {script} }})(), {plain}));", "utf-8")
    done = subprocess.run([NODE, program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
