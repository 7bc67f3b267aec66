"""The coordinators' desk in Streamlit: pages and components, thin, no logic."""
