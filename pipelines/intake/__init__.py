"""From a file as somebody sent it to typed rows, a receipt and a line in the manifest.

Knows contracts, code lists and files. Dagster, dbt, DuckDB and charts do not belong here.
"""
