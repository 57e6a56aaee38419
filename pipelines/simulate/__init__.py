"""Synthetic municipalities: a seeded world, the files they would send of it, and what the KPIs must then be.

One way: `model` (what a world holds) ← `places`, `flow`, `grants`, `sending` (how it is drawn) ← `world.make_world`;
`files` (with `messy`) writes it down as people send it, `truth` counts it. The truth shares no code with the pipeline.
Nothing here knows Dagster, DuckDB, dbt or the intake.
"""
