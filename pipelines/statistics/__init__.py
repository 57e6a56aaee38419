"""Statistics of published figures: arrays in, arrays out. No files, no DuckDB, no dbt, no Dagster.

The dbt Python models call these functions and hold no formula of their own; tests compare them with published values.
"""
