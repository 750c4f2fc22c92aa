"""The dashboard's entry: page settings, the published version, navigation, and no more."""

import atexit
import gc

import shell
import streamlit as st

from ops_tower.settings import Settings


@st.cache_resource(show_spinner=False)
def _freeze() -> None:
    """Take what was imported out of the collector's sight: Streamlit collects after every rerun."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)


st.set_page_config(page_title="Ops Tower", page_icon="🗼", layout="wide")
home = Settings().home
version, desk = shell.resolve(home)
page = st.navigation(
    [
        st.Page(
            "app_pages/executive_overview.py",
            title="Executive Overview",
            icon=":material/monitoring:",
            default=True,
        )
    ]
)
shell.follow(home, version)
if desk is None:
    shell.no_data(home)
else:
    st.session_state["page"] = shell.open_page(desk)
    page.run()
_freeze()
