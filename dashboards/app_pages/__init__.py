"""One module a page, each with `show(edition)`: choose, get, draw. No SQL, no chart grammar, no markup."""
