"""Who may look: where a login is required, nothing of a page is drawn or read before it.

Belongs here: the gate, the way in and the way out. Does not belong here: who somebody is, which
Streamlit asks the provider of OpenID Connect that its secrets name.
"""

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

WANTED: Final = (
    "redirect_uri",
    "cookie_secret",
    "client_id",
    "client_secret",
    "server_metadata_url",
)


def require() -> None:
    """End the script here unless somebody is logged in.

    Without a provider that could log anybody in, nobody gets further: it fails closed.
    """
    missing = [name for name in WANTED if not _provider().get(name)]
    if missing:
        st.error(
            "A login is required, but Streamlit's secrets have no"
            f" {', '.join(missing)} under [auth]: see Deploying in the documentation."
        )
        st.stop()
    if not st.user.get("is_logged_in"):
        st.title("Ops Tower", anchor=False)
        st.button("Sign in", type="primary", on_click=st.login, key="sign_in")
        st.stop()


def offer_way_out() -> None:
    """A button, below the page, that ends the login."""
    st.button("Sign out", type="tertiary", on_click=st.logout, key="sign_out")


def _provider() -> Mapping[str, Any]:
    try:
        section = st.secrets.get("auth", {})
    except StreamlitSecretNotFoundError:
        return {}
    return section if isinstance(section, Mapping) else {}
