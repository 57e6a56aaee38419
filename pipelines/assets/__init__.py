"""Dagster asset bodies, a page at most; what they do is in the modules they call.

Each takes the resource `only_writer`, which holds the home from the start of the run that the asset is part of to its end.

Dagster reads the annotations of these functions at run time, so `from __future__ import annotations` cannot stand here.
"""
