"""Dagster asset bodies, a page at most; what they do is in the modules they call."""
