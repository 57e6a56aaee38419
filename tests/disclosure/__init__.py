"""Disclosure control: suppressor, attacker and verifier against each other and against brute force."""
