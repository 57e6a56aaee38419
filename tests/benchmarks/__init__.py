"""Measured, not tested: ratios and shares of time from one run on one machine. No test asserts a time."""
