"""Transactions: versions, dependencies, anomalies."""
