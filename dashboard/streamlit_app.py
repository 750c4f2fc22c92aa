"""The dashboard's entry: page settings, the published version, navigation, and no more."""

import atexit
import gc
from pathlib import Path

import shell
import streamlit as st

from ops_tower.settings import Settings


@st.cache_resource(show_spinner=False)
def _freeze() -> None:
    """Take what was imported out of the collector's sight: Streamlit collects after every rerun."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)


st.logo(Path(__file__).with_name("logo.svg"), size="large")
st.set_page_config(page_title="Ops Tower", page_icon="🗼", layout="wide")
home = Settings().home
version, desk = shell.resolve(home)
page = st.navigation(
    [
        st.Page(
            entry.script, title=title, icon=entry.icon, url_path=title.lower().replace(" ", "_")
        )
        for title, entry in shell.PAGES.items()
    ],
    position="top",
)
shell.follow(home, version)
if desk is None:
    shell.no_data(home)
else:
    st.session_state["page"] = shell.open_page(home, desk, page.title)
    page.run()
_freeze()
