"""Documents that leave the house: monthly report and adviser's briefing, from one published file each.

A document is a validated context (context.py), saved as JSON beside it; PDF, Excel, Word and open data are made from the
context alone, so the same build gives the same bytes. Not here: queries (queries.py asks the door), chart grammar, mail.
"""
