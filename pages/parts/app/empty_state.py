"""What an empty page shows: what belongs there, and the one button that brings it."""

import streamlit as st


def show(key: str, title: str, sentence: str, button: str, page: str, icon: str = ":material/explore:") -> None:
    """A calm card with one primary button that leads to `page`."""
    with st.container(border=True, key=f"empty-{key}", horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(f"### {icon} {title}", width="content")
        st.markdown(sentence, width="content")
        if st.button(button, type="primary", key=f"empty-{key}-go"):
            st.switch_page(page)
        st.space("small")
