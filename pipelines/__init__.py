"""Order, time and files: Dagster and the pure functions it calls. Almost no SQL, no charts."""
