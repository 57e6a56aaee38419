"""Dagster asset bodies, a page at most; what they do is in the modules they call.

Those from intake to publication take the resource `only_writer`, which holds the home from the start of their run to its end.

Dagster reads the annotations of these functions at run time, so `from __future__ import annotations` cannot stand here.
"""
