"""The dashboard: page set-up, who may see what, the edition of this rerun, and the list of pages.

Run by `python -m dashboards`. The edition is read once per rerun and handed to the page: none straddles two builds.
"""

from __future__ import annotations

import streamlit as st

from dashboards import access, data
from dashboards.app_pages import progress
from dashboards.components.header import draw_header, prepare_page
from dashboards.home import home_from_environment


def main() -> None:
    """One rerun."""
    # Before st.navigation, and with an emoji: otherwise the browser fetches an icon from outside.
    st.set_page_config(page_title="重ね Kasane", page_icon="🧭", layout="wide")
    prepare_page()
    try:
        audience = access.audience_from_environment()
        access.require_allowed(audience, st.get_option("server.address"))
        edition = data.current_edition(audience, home_from_environment())
    except (access.AccessError, data.EditionError) as trouble:
        st.title("重ね Kasane")
        st.info(str(trouble))
        return

    def show_progress() -> None:
        progress.show(edition)

    page = st.navigation([st.Page(show_progress, title=progress.TITLE, url_path="progress", default=True)])
    draw_header(edition)
    page.run()


main()
