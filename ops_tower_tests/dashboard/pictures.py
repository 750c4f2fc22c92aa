"""Each page as a picture: `python -m ops_tower_tests.dashboard.pictures HOME FOLDER`."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from ops_tower_tests.dashboard.conftest import CHROMIUM_FLAGS, Visit, serve

PAGES = {
    "Executive Overview": 6,
    "Queue Performance": 2,
    "Bottleneck Analysis": 5,
    "Capacity Planning": 3,
    "Quality Outcomes": 6,
    "Recommendations": 0,
}
"""The pages that are shown, and how many charts each must have drawn before."""


def take(home: Path, folder: Path) -> list[Path]:
    """Save a picture of each page on what is published in `home`; the paths of the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(home, Path(scratch) / "log") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS
        )
        visit = Visit(browser.new_page(viewport={"width": 1440, "height": 1000}))
        visit.open(address)
        for title, charts in PAGES.items():
            visit.turn_to(title)
            visit.wait_for_charts(charts)
            visit.page.mouse.move(0, 0)
            path = folder / f"{title.lower().replace(' ', '-')}.png"
            visit.page.screenshot(path=path)
            taken.append(path)
        browser.close()
    return taken


if __name__ == "__main__":
    for picture in take(Path(sys.argv[1]), Path(sys.argv[2])):
        sys.stdout.write(f"{picture}\n")
