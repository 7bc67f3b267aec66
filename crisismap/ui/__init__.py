"""The coordinators' desk in Streamlit: pages and components without business logic."""
