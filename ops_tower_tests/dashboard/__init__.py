"""Tests of the dashboard, on a tiny published desk: logic with AppTest, the rest in a browser.

The dashboard's modules are found from its folder, as Streamlit finds them.
"""

import sys
from pathlib import Path
from typing import Final

DASHBOARD: Final = Path(__file__).resolve().parents[2] / "dashboard"
sys.path.insert(0, str(DASHBOARD))
