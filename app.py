"""For `streamlit run app.py`: desk, pages and API in one process."""

import streamlit as st

from crisismap.server import UI, front, lifespan, trust_proxies
from crisismap.settings import read_settings

trust_proxies(read_settings())
app = st.App(str(UI), middleware=front(), lifespan=lifespan)
