"""Verdicts without a search, where every value tells where it came from."""
