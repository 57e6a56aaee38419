"""Dagster asset bodies, a page at most; what they do is in the modules they call.

Dagster reads the annotations of these functions at run time, so `from __future__ import annotations` cannot stand here.
"""
