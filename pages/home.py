"""Home: what this is, the finished example, and the way to one's own data."""

import streamlit as st

from pages.parts import demo, latest, layout, playback, samples, workspace

place = workspace.open_workspace()
example = demo.find(place)

words, picture = layout.split("home-split", 1, 1, 380)
with words:
    st.space("large")
    st.title("See the groups in your data", anchor=False)
    st.markdown(
        "Bring a table, pictures, time series or texts that nobody has sorted. Constella learns what belongs together, shows "
        "you what sets each group apart, and says honestly when a simpler method would do."
    )
    with st.container(horizontal=True):
        demo.button(example)
        if st.button("Use your own data", icon=":material/upload:", key="own"):
            st.switch_page("pages/data.py")
with picture:
    playback.show("home", place, example)

st.subheader("Or try a sample", anchor=False)
samples.show("home", place)
latest.show("home", place)
