"""The dashboard: page set-up, who may see what, the edition of this rerun, and the list of pages.

Run by server.py. The edition is read once per rerun and handed to the page: none straddles two builds.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import streamlit as st

from dashboards import access, data
from dashboards.app_pages import GROUPS
from dashboards.components.header import draw_footer, draw_header
from dashboards.home import home_from_environment


def main() -> None:
    """One rerun."""
    # Before st.navigation, and with an emoji: otherwise the browser fetches an icon from outside.
    st.set_page_config(page_title="重ね Kasane", page_icon="🧭", layout="wide")
    try:
        audience = access.audience_from_environment()
        access.require_allowed(audience, st.get_option("server.address"))
        edition = data.current_edition(audience, home_from_environment())
    except (access.AccessError, data.EditionError) as trouble:
        st.title("重ね Kasane")
        st.info(str(trouble))
        return
    first = next(iter(GROUPS.values()))[0]
    page = st.navigation(
        {
            group: [
                st.Page(_shown(module, edition), title=module.TITLE, url_path=_path(module), default=module is first)
                for module in modules
            ]
            for group, modules in GROUPS.items()
        },
        expanded=True,
    )
    draw_header(edition)
    try:
        page.run()
    except data.EditionError as trouble:
        st.info(str(trouble))
    draw_footer(page.title)


def _shown(module: ModuleType, edition: data.Edition) -> Callable[[], None]:
    return lambda: module.show(edition)


def _path(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


main()
