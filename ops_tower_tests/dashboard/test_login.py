"""Where a login is required, nobody sees a figure before it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ops_tower_tests.dashboard.conftest import CARD_VALUE, DASHBOARD, Visit, cards, serve
from ops_tower_tests.dashboard.provider import CLIENT, PASSWORD, provider

PROVIDER = {
    "redirect_uri": "http://127.0.0.1:8501/oauth2callback",
    "cookie_secret": "a secret of the tests, long enough",
    "client_id": CLIENT,
    "client_secret": PASSWORD,
    "server_metadata_url": "http://127.0.0.1:9/.well-known/openid-configuration",
}
PAGES = sorted(path.name for path in DASHBOARD.glob("app_pages/*.py"))


@pytest.fixture
def gated(home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The dashboard with a login required and a provider, before anybody has opened it."""
    monkeypatch.setenv("OPS_TOWER_HOME", str(home))
    monkeypatch.setenv("OPS_TOWER_REQUIRE_LOGIN", "true")
    st.cache_resource.clear()
    app = AppTest.from_file(DASHBOARD / "streamlit_app.py", default_timeout=30)
    app.secrets["auth"] = PROVIDER
    return app


def shown(app: AppTest) -> list[str]:
    """The kinds of all that stands on the page, in its order."""
    frames = {"main", "sidebar", "event", "vertical", "flex_container"}
    return [
        element.type
        for block in (app.main, app.sidebar)
        for element in block
        if element.type not in frames
    ]


@pytest.mark.parametrize("page", PAGES)
def test_without_a_login_every_page_is_a_button_to_sign_in(gated: AppTest, page: str) -> None:
    app = gated.switch_page(f"app_pages/{page}").run()
    assert not app.exception
    assert [button.label for button in app.button] == ["Sign in"]
    assert [title.value for title in app.title] == ["Ops Tower"]
    assert shown(app) == ["title", "button"]


def test_a_user_who_is_known_but_not_logged_in_sees_no_figure(gated: AppTest) -> None:
    gated.user = {"is_logged_in": False, "email": "reader@example.com"}
    assert shown(gated.run()) == ["title", "button"]


def test_who_is_logged_in_sees_the_figures_and_the_way_out(gated: AppTest) -> None:
    gated.user = {"is_logged_in": True, "email": "reader@example.com"}
    app = gated.run()
    assert cards(app)["New tickets"][0] == "270"
    assert "Sign out" in [button.label for button in app.button]


@pytest.mark.parametrize("missing", ["auth", *PROVIDER])
def test_without_a_whole_provider_nobody_gets_in_and_one_line_says_why(
    gated: AppTest, missing: str
) -> None:
    provider = {name: value for name, value in PROVIDER.items() if name != missing}
    gated.secrets = {"auth": provider} if missing != "auth" else {"other": "secret"}
    gated.user = {"is_logged_in": True}
    app = gated.run()
    assert not app.exception
    assert shown(app) == ["error"]
    named = ", ".join(PROVIDER) if missing == "auth" else missing
    assert f"have no {named} under [auth]" in app.error[0].value
    assert PROVIDER["client_secret"] not in app.error[0].value


def test_no_login_is_asked_for_unless_it_is_required(
    gated: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPS_TOWER_REQUIRE_LOGIN")
    app = gated.run()
    assert cards(app)["New tickets"][0] == "270"
    assert not {"Sign in", "Sign out"} & {button.label for button in app.button}


def test_a_browser_goes_through_the_provider_to_the_figures_and_back_out(
    visit: Callable[..., Visit], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    # The service's user has its secrets in its own home.
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OPS_TOWER_REQUIRE_LOGIN", "true")
    reader = visit()
    with provider() as metadata:
        # Streamlit fills in its own port.
        back = {"redirect_uri": "http://127.0.0.1:{port}/oauth2callback"}
        values = PROVIDER | back | {"server_metadata_url": metadata}
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        secrets.write_text("\n".join(["[auth]", *lines]))
        with serve(home, tmp_path / "log") as address:
            for path in ("", "/queue_performance"):
                reader.open(address + path)
                assert reader.page.locator(CARD_VALUE).count() == 0
                assert reader.page.get_by_test_id("stException").count() == 0
            reader.page.get_by_role("button", name="Sign in").click()
            reader.wait_for_first_card("270")
            reader.page.get_by_role("button", name="Sign out").click()
            reader.page.get_by_role("button", name="Sign in").wait_for()
            assert reader.page.locator(CARD_VALUE).count() == 0
    assert not reader.errors
    assert not reader.strangers
