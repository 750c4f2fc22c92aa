"""The dashboard's entry: page settings, the published version, navigation, and no more."""

import atexit
import gc
import importlib
import logging
from pathlib import Path

import login
import navigation
import queries
import shell
import streamlit as st

from ops_tower import published
from ops_tower.settings import Settings

_LOGGER = logging.getLogger(__name__)


@st.cache_resource(show_spinner=False)
def _settings() -> Settings:
    return Settings()


@st.cache_resource(show_spinner=False)
def _warm_up() -> None:
    """Once, after the first page stands: import what the others draw with, and freeze all of it.

    A full collection then passes over modules, which are most of what there is and never garbage.
    """
    for name in ("capacity", "process", "quality", "queues", "story", "trends"):
        importlib.import_module(f"charts.{name}")
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)


st.logo(Path(__file__).with_name("logo.svg"), size="large")
st.set_page_config(page_title="Ops Tower", page_icon="🗼", layout="wide")
settings = _settings()
if settings.require_login:
    login.require()
home = settings.home
version = published.current(home)
page = st.navigation(
    [st.Page(entry.script, title=title) for title, entry in navigation.PAGES.items()],
    position="top",
)
shell.follow(home, version)
if version is None:
    shell.no_data(home)
else:
    try:
        desk = queries.about(str(version))
        st.session_state["page"] = shell.open_page(home, desk, page.title)
        page.run()
    except queries.LayoutError:
        _LOGGER.exception("The dashboard cannot read %s", version)
        shell.other_layout(home)
if settings.require_login:
    login.offer_way_out()
_warm_up()
