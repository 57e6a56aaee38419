"""What a form must look like and who judges it: contracts, code lists, suites, the gate, the messages.

Knows contracts and data frames only. Files, manifests, DuckDB and dashboards do not belong here.
"""
