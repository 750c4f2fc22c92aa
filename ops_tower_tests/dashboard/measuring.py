"""How fast the dashboard answers: a cold visit, a filter, a change of page, forty readers at once.

Belongs here: the readers and the clock. Does not belong here: the data that they read, and what a
figure should be (`ops_tower_tests.benchmarks.dashboard`).
"""

import asyncio
import contextlib
import itertools
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import navigation
import websockets
from playwright.sync_api import Browser, Locator, Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from ops_tower_tests.dashboard import DASHBOARD
from ops_tower_tests.dashboard.conftest import CARD_VALUE, CHROMIUM_FLAGS, serve

VISITS: Final = 5
CLICKS: Final = 40
READERS: Final = 40
SECONDS_BETWEEN_CLICKS: Final = 5.0
ROUNDS: Final = 8
WINDOWS: Final = ("7d", "90d", "30d")
# The pages that answer a question; the crowd looks tickets up besides.
_HOME, *_OTHERS = list(navigation.PAGES)[:6]
PAGES: Final = (*_OTHERS, _HOME)
ADDRESSES: Final = ("", *(navigation.PAGES[title].name for title in (*_OTHERS, "Tickets")))
CHOICES: Final = (
    "window=30d",
    "window=7d",
    "window=90d",
    "window=30d&group=Tier+2+Specialists",
    "window=30d&priority=urgent",
)
"""Where the crowd goes and what it chooses: readers take all pairs, each from another start."""

_BARE_CARD: Final = "[data-testid=stMetricValue]"
_BARE: Final = f"""
import streamlit as st

st.set_page_config(layout="wide")
window = st.segmented_control("Window", {WINDOWS}, default="30d", label_visibility="collapsed")
for place, name in zip(st.columns(6), "abcdef"):
    place.metric(name, f"{{name}} {{window}}", border=True)
"""
_MARKS = """
window.marks = {};
const sights = {
  headline: 'h1',
  figures: '.cards dd.value',
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


@dataclass(frozen=True)
class Timing:
    """One thing that readers wait for: its name, and how long each of them waited."""

    what: str
    milliseconds: list[float]

    @property
    def median(self) -> float:
        """Half of them waited no longer."""
        return statistics.median(self.milliseconds)

    @property
    def p95(self) -> float:
        """Nineteen of twenty waited no longer."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def measure(home: Path) -> tuple[list[Timing], float]:
    """Read what is published in `home` as people do; the waits, and the server's MiB afterwards."""
    with tempfile.TemporaryDirectory() as folder, serve(home, Path(folder) / "log") as address:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS
            )
            _visit(browser, address).context.close()
            timings = [*_cold(browser, address), *_warm(browser, address)]
            browser.close()
        timings.append(Timing("forty readers", asyncio.run(_crowd(address))))
        return timings, _resident_mib(address)


def bare() -> Timing:
    """The filter on a page of six figures and nothing else: what Streamlit itself takes here."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(DASHBOARD / ".streamlit", folder / ".streamlit")
        (folder / "streamlit_app.py").write_text(_BARE)
        with serve(folder, folder / "log", folder) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS
            )
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(address)
            page.wait_for_selector(_BARE_CARD)
            clicks = _filter(page, _BARE_CARD)
            browser.close()
    return Timing("bare", clicks)


def _resident_mib(address: str) -> float:
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


def _cold(browser: Browser, address: str) -> Iterator[Timing]:
    marks = []
    for _ in range(VISITS):
        page = _visit(browser, address)
        marks.append(page.evaluate("marks"))
        page.context.close()
    for sight in ("headline", "figures", "chart"):
        yield Timing(sight, [mark[sight] for mark in marks])


def _warm(browser: Browser, address: str) -> Iterator[Timing]:
    page = _visit(browser, address)
    yield Timing("filter", _filter(page, CARD_VALUE))
    turns = itertools.islice(itertools.cycle(PAGES), CLICKS)
    clicks = [_until_changed(page, "h1", page.get_by_role("link", name=one)) for one in turns]
    yield Timing("page", clicks)


def _filter(page: Page, card: str) -> list[float]:
    """Milliseconds from each choice of a window until the first card shows another figure."""
    turns = itertools.islice(itertools.cycle(WINDOWS), CLICKS)
    return [_until_changed(page, card, page.get_by_text(one, exact=True)) for one in turns]


def _until_changed(page: Page, selector: str, target: Locator) -> float:
    """Milliseconds from the click on the target until the selected text is another one."""
    page.wait_for_timeout(500)
    page.evaluate(f"void (window.changed = ({_CHANGE})({selector!r}))")
    target.first.click()
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
        await _run(socket, "", CHOICES[0])
        walk = itertools.cycle(itertools.product(ADDRESSES, CHOICES))
        for page, choice in itertools.islice(walk, number, number + ROUNDS):
            began = time.perf_counter()
            await _run(socket, page, choice)
            latencies.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(SECONDS_BETWEEN_CLICKS - latencies[-1] / 1000)
    return latencies


async def _run(socket: websockets.ClientConnection, page: str, query: str) -> None:
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = query
    await socket.send(message.SerializeToString())
    async for raw in socket:
        answer = ForwardMsg()
        answer.ParseFromString(raw)
        if answer.WhichOneof("type") == "script_finished":
            return
