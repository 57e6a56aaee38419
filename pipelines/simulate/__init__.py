"""Synthetic municipalities: a seeded world, the files they would send of it, and what the KPIs must then be.

One way: `model` and `rows` (what a world holds) ← `places`, `flow`, `activities`, `community`, `statements`,
`grants`, `payments`, `backing` (how it is drawn), `edges` and `edges_of_backing` (what every world must hold) ←
`sending`, `mishaps` (what of it leaves, and when) ← `world.make_world`; `files` (with `messy`) writes it down as
people send it. `known` (what counts of it at a moment) ← `kpis` (what each KPI counts) ← `truth` (every published
cell) ← `tables` (the published tables beside) ← `truth_files`. The truth shares no code with the pipeline.
Nothing here knows Dagster, DuckDB, dbt or the intake.
"""
