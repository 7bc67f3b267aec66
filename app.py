"""For `streamlit run app.py`: desk, pages and API in one process."""

import streamlit as st

from crisismap.server import UI, front, lifespan

app = st.App(str(UI), middleware=front(), lifespan=lifespan)
