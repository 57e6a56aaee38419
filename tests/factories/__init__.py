"""Builds inputs for tests. Nothing here asserts."""
