"""Buttons for whole documents. They are made when somebody asks for one, not before."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

MIME = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "zip": "application/zip",
}


def offer(name: str, documents: Mapping[str, tuple[str, Callable[[], bytes]]]) -> None:
    """One button a document: ending → (label, maker). `name` begins the names of the files."""
    with st.container(horizontal=True, gap="small", key=f"ks-documents-{name}"):
        for ending, (label, make) in documents.items():
            st.download_button(
                label, make, file_name=f"{name}.{ending}", mime=MIME[ending], on_click="ignore", key=f"{name}.{ending}"
            )
