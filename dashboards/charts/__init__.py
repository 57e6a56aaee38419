"""Pure charts: frame in, alt.Chart out. No Streamlit, no DuckDB, no door."""
