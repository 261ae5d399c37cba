"""Why a history is impossible: its smallest part, and the words for it."""
