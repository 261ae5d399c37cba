"""What was in whose past, and what follows from it."""
