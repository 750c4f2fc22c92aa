"""One published desk, one server and one browser for all tests of the dashboard."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import queries
import shell
import streamlit as st
from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.testing.v1 import AppTest

from ops_tower_tests.dashboard import DASHBOARD, desk

Start = Callable[..., AppTest]
CARD_VALUE = ".cards dd.value"
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the desk of `desk.MONDAY` published; tests read it and leave it alone."""
    folder = tmp_path_factory.mktemp("home")
    desk.publish(folder)
    return folder


@pytest.fixture
def start(home: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Make a dashboard on the desk of `desk.MONDAY`, opened with the given URL parameters."""

    def make(page: str | None = None, folder: Path = home, **parameters: str) -> AppTest:
        monkeypatch.setenv("OPS_TOWER_HOME", str(folder))
        monkeypatch.setattr(shell, "_PLOTLY_SECONDS", 0)
        st.cache_resource.clear()
        app = AppTest.from_file(DASHBOARD / "streamlit_app.py", default_timeout=30)
        for name, value in parameters.items():
            app.query_params[name] = value
        if page:
            app.switch_page(f"app_pages/{page}.py")
        return app.run()

    return make


def cards(app: AppTest) -> dict[str, tuple[str, str]]:
    """Value and change of each card of a page that had no error, by its label."""
    assert not app.exception
    rows = [piece.value for piece in app.html if piece.value.startswith("<dl")]
    return {
        card.findtext("dt", ""): (
            card.findtext("dd[@class='value']", ""),
            card.findtext("dd[@class='change']/span", ""),
        )
        for row in rows
        for card in ET.fromstring(row)  # noqa: S314  (what the page made itself)
    }


@pytest.fixture
def about(home: Path) -> queries.Desk:
    """What the published desk says about itself."""
    return queries.about(str((home / "published" / "current").resolve()))


@contextmanager
def serve(home: Path, log: Path, folder: Path = DASHBOARD) -> Iterator[str]:
    """Serve the dashboard as the command line does, on a free port, until the block ends.

    Args:
        home: what it reads.
        log: takes what the server says.
        folder: has `streamlit_app.py`, and the settings of the server.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    with log.open("w") as output:
        server = subprocess.Popen(
            [*command, "--server.port", str(port)],
            cwd=folder,
            env=os.environ | {"OPS_TOWER_HOME": str(home)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"{address}/_stcore/health", server, log)
            yield address
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)


@pytest.fixture(scope="session")
def address(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the dashboard on the desk of `desk.MONDAY`."""
    with serve(home, tmp_path_factory.mktemp("server") / "log") as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, cut off from everything but this machine. Its absence is a failure."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("Chromium is missing: apt-get install chromium fonts-dejavu-core")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


class Visit:
    """A browser page that remembers what went wrong on it."""

    def __init__(self, page: Page) -> None:
        """Listen to the page before it loads anything."""
        self.page = page
        self.errors: list[str] = []
        self.strangers: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._note(request.url))

    def open(self, url: str) -> None:
        """Load a page and wait until it stands still."""
        self.page.goto(url)
        self.page.wait_for_selector("h1")
        self.settle()

    def turn_to(self, title: str) -> None:
        """Go to a page by the navigation and wait until it stands still."""
        self.page.get_by_role("link", name=title).first.click()
        self.page.get_by_test_id("stCaptionContainer").get_by_text(title, exact=True).wait_for()
        self.settle()

    def wait_for_charts(self, count: int) -> None:
        """Wait until so many charts are drawn; each has several layers of SVG."""
        self.page.wait_for_function(
            "[...document.querySelectorAll('.js-plotly-plot')]"
            f".filter(chart => chart.querySelector('.main-svg')).length >= {count}"
        )

    def settle(self) -> None:
        """Wait until the script has run and nothing on the page is being replaced."""
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        self.page.wait_for_function("!document.querySelector('[data-stale=true]')")

    def wait_for_first_card(self, value: str) -> None:
        """Wait until the first card shows a figure."""
        self.page.locator(CARD_VALUE).first.get_by_text(value, exact=True).wait_for()

    def cards(self, at_least: int = 1) -> dict[str, tuple[str, str]]:
        """Value and change of each card, by its label, once so many cards are drawn."""
        self.page.wait_for_function(
            f"document.querySelectorAll('{CARD_VALUE}').length >= {at_least}"
        )
        return {
            # The label's own text, without the question mark beside it.
            card.locator("dt").evaluate("name => name.firstChild.textContent"): (
                card.locator("dd.value").inner_text(),
                " ".join(card.locator("dd.change span").all_inner_texts()),
            )
            for card in self.page.locator(".cards > div").all()
        }

    def download(self, selector: str) -> Path:
        """Click on what saves a file, and return where it was saved."""
        with self.page.expect_download() as saved:
            self.page.locator(selector).click()
        return saved.value.path()

    def _note(self, url: str) -> None:
        if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", url):
            self.strangers.append(url)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Make visits, each in a browser context of its own."""
    contexts = []

    def start(mode: str = "light", width: int = 1440) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=mode, reduced_motion="reduce"
        )
        contexts.append(context)
        return Visit(context.new_page())

    yield start
    for context in contexts:
        context.close()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310  (our own loopback address)
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The dashboard did not start:\n{log.read_text()}")
