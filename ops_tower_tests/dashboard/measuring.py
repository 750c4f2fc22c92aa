"""How fast the dashboard answers: a cold visit, a filter, a change of page, forty readers at once.

Run it on a home with something published: `python -m ops_tower_tests.dashboard.measuring HOME`. It
prints a Markdown table. Belongs here: the readers and the clock. Does not belong here: limits; what
a figure should be stands in the issue that asks for it.
"""

import asyncio
import contextlib
import itertools
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import websockets
from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ops_tower_tests.dashboard.conftest import CHROMIUM_FLAGS, serve

VISITS: Final = 5
CLICKS: Final = 20
READERS: Final = 40
SECONDS_BETWEEN_CLICKS: Final = 5.0
ROUNDS: Final = 8
WINDOWS: Final = ("7d", "90d", "30d")
PAGES: Final = ("Queue Performance", "Capacity Planning", "Recommendations", "Executive Overview")

_MARKS = """
window.marks = {};
const sights = {
  headline: 'h1',
  sparkline: '[data-testid=stImage] img, [data-testid=stImageContainer] img',
  chart: '.js-plotly-plot .main-svg',
};
new MutationObserver(() => {
  for (const [name, sight] of Object.entries(sights))
    if (!(name in marks) && document.querySelector(sight)) marks[name] = performance.now();
}).observe(document, {subtree: true, childList: true});
"""
_CHANGE = """
(selector) => new Promise((done) => {
  const text = () => document.querySelector(selector)?.innerText;
  const before = text();
  document.addEventListener('click', () => {
    const start = performance.now();
    const look = () => (text() && text() !== before)
      ? done(performance.now() - start) : requestAnimationFrame(look);
    look();
  }, {capture: true, once: true});
})
"""


def report(home: Path) -> str:
    """Measure everything on the version that is published in `home`; a Markdown table."""
    with tempfile.TemporaryDirectory() as folder, serve(home, Path(folder) / "log") as address:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS
            )
            _visit(browser, address).close()
            rows = [*_cold(browser, address), *_warm(browser, address)]
            browser.close()
        latencies = asyncio.run(_crowd(address))
        memory = _resident_megabytes(address)
        rows.append((f"{READERS} readers, one click per {SECONDS_BETWEEN_CLICKS:.0f} s", latencies))
    lines = ["| what | median ms | 95th percentile ms | n |", "|---|--:|--:|--:|"]
    for what, milliseconds in rows:
        middle, high = statistics.median(milliseconds), _percentile(milliseconds, 0.95)
        lines.append(f"| {what} | {middle:,.0f} | {high:,.0f} | {len(milliseconds)} |")
    return "\n".join([*lines, "", f"Memory of the server afterwards: {memory:,.0f} MB."])


def _resident_megabytes(address: str) -> float:
    """Resident memory of the process that was started for this address's port."""
    port = address.rsplit(":", 1)[1]
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            if port in (status.parent / "cmdline").read_text().split("\0"):
                line = next(line for line in status.open() if line.startswith("VmRSS"))
                return int(line.split()[1]) / 1024
    return float("nan")


def _visit(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(_MARKS)
    page.goto(address)
    page.wait_for_selector(".js-plotly-plot .main-svg")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    return page


def _cold(browser: Browser, address: str) -> Iterator[tuple[str, list[float]]]:
    marks = []
    for _ in range(VISITS):
        page = _visit(browser, address)
        marks.append(page.evaluate("marks"))
        page.context.close()
    for name, label in (
        ("headline", "headline of a cold visit"),
        ("sparkline", "first sparkline"),
        ("chart", "first chart with axes"),
    ):
        yield label, [mark[name] for mark in marks]


def _warm(browser: Browser, address: str) -> Iterator[tuple[str, list[float]]]:
    page = _visit(browser, address)
    windows = itertools.cycle(WINDOWS)
    first_card = "[data-testid=stMetricValue]"
    yield (
        "filter to new figures",
        [
            _until_changed(page, first_card, lambda: page.get_by_text(next(windows), exact=True))
            for _ in range(CLICKS)
        ],
    )
    titles = itertools.cycle(PAGES)
    yield (
        "page to page",
        [
            _until_changed(page, "h1", lambda: page.get_by_role("link", name=next(titles)))
            for _ in range(CLICKS)
        ],
    )


def _until_changed(page: Page, selector: str, target: Callable[[], object]) -> float:
    locator = target().first  # type: ignore[attr-defined]
    page.wait_for_timeout(500)
    page.evaluate(f"void (window.changed = ({_CHANGE})({selector!r}))")
    locator.click()
    return float(page.evaluate("window.changed"))


async def _crowd(address: str) -> list[float]:
    """Milliseconds from each reader's click to the end of the script that it starts."""
    readers = [_reader(address, number) for number in range(READERS)]
    return list(itertools.chain.from_iterable(await asyncio.gather(*readers)))


async def _reader(address: str, number: int) -> list[float]:
    url = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    latencies = []
    await asyncio.sleep(number * SECONDS_BETWEEN_CLICKS / READERS)
    async with websockets.connect(url, max_size=None, subprotocols=["streamlit"]) as socket:
        await _run(socket, "window=30d")
        for window in itertools.islice(itertools.cycle(WINDOWS), ROUNDS):
            began = time.perf_counter()
            await _run(socket, f"window={window}")
            latencies.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(SECONDS_BETWEEN_CLICKS - latencies[-1] / 1000)
    return latencies


async def _run(socket: websockets.ClientConnection, query: str) -> None:
    message = BackMsg()
    message.rerun_script.query_string = query
    await socket.send(message.SerializeToString())
    async for raw in socket:
        answer = ForwardMsg()
        answer.ParseFromString(raw)
        if answer.WhichOneof("type") == "script_finished":
            return


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    sys.stdout.write(report(Path(sys.argv[1])) + "\n")
