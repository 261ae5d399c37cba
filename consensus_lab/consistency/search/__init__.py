"""The search for an order that explains a history of any object."""
