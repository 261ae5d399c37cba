"""Consistency models: one file a model, each of the form check(history, …) -> Verdict."""
