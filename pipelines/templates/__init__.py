"""The Excel forms handed to those who fill them in, one a contract.

Knows contracts, code lists and how Excel is told about them. Reading a filled form is the intake's.
"""
