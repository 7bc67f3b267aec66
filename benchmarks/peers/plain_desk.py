"""The peer of the desk job, as in Streamlit's tutorials: a query, a map and a table, refreshed every two seconds.

Reads the same 10,000 unanswered requests from SQLite and sends all of them to the browser on each refresh.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import streamlit as st

st.set_page_config(page_title="Requests", layout="wide")


@st.fragment(run_every=2)
def desk() -> None:
    """Draw everything that follows the situation."""
    with closing(sqlite3.connect(Path(os.environ["BENCH_FOLDER"]) / "requests.sqlite3")) as connection:
        frame = pd.read_sql_query(
            "SELECT * FROM request WHERE state IN ('open', 'claimed') ORDER BY priority, received_at", connection
        )
    st.metric("Unanswered", len(frame))
    left, right = st.columns([13, 8])
    with left:
        st.map(frame, latitude="lat", longitude="lon")
    with right:
        st.dataframe(frame, height=600)


desk()
