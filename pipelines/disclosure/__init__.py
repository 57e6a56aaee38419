"""Small cells: which of them an audience may not see. Frames in, frames out; no files, no DuckDB, no Dagster."""
