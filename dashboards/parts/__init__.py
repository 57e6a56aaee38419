"""One module a page: its finished parts (Vega-Lite specs, markup, sentences), cached by (edition, filters).

A rerun of a page is then a few look-ups; nothing is drawn twice for two people who look at the same thing.
"""
