"""Each page as a picture: `python -m ops_tower_tests.dashboard.pictures HOME FOLDER`.

Belongs here: which pages are shown, at what size. Does not belong here: what a page must hold.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from ops_tower_tests.dashboard.conftest import CHROMIUM_FLAGS, Visit, serve

PAGES: Final = {
    "Executive Overview": 6,
    "Queue Performance": 2,
    "Bottleneck Analysis": 5,
    "Capacity Planning": 3,
    "Quality Outcomes": 6,
    "Recommendations": 0,
}
"""The pages that are shown, and how many charts each must have drawn before."""


def take(browser: Browser, address: str, folder: Path) -> list[Path]:
    """Save a picture of each page of the dashboard at `address`; the paths of the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": 1440, "height": 960}, reduced_motion="reduce")
    visit, taken = Visit(page), []
    visit.open(address)
    for title, charts in PAGES.items():
        visit.turn_to(title)
        visit.wait_for_charts(charts)
        page.mouse.move(0, 0)
        path = folder / f"{title.lower().replace(' ', '-')}.png"
        page.screenshot(path=path)
        taken.append(path)
    page.close()
    return taken


def main(home: Path, folder: Path) -> None:
    """Serve what is published in `home` and save a picture of each page in `folder`."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(home, Path(scratch) / "log") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS
        )
        for picture in take(browser, address, folder):
            sys.stdout.write(f"{picture}\n")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
