"""Typical mistakes in the exercises of chapter 01: words of the rejection, and the answers."""

WRONG_ANSWERS = {
    "1.1": {
        "a majority for all": (
            "Availability: S1 is cut off from all others, and A's write is refused",
            "return 3, 3",
            "return 3, 3",
            "return 3, 3",
        ),
        "a write reads first: that was forgotten": (
            "Availability: S1 is cut off from all others, and A's write is refused",
            "return 2, 1",
            "return 1, 5",
            "return 3, 3",
        ),
        "R and W mixed up": (
            "Availability: S1 is cut off from all others, and A's read is refused. prices()",
            "return 1, 1",
            "return 5, 1",
            "return 3, 3",
        ),
        "fast reads that are stale": (
            "No stale reads: x = 1 is written on S1 S2 S3 S4",
            "return 1, 1",
            "return 1, 4",
            "return 3, 3",
        ),
        "R + W = N is thought to be enough": (
            "No stale reads: x = 1 is written on S1 S2 S3, and B reads 0",
            "return 1, 1",
            "return 1, 5",
            "return 2, 3",
        ),
        "one crash survived, not two": (
            "Availability: S4 and S5 are down",
            "return 1, 1",
            "return 1, 5",
            "return 2, 4",
        ),
        "in words": (
            "cart() returns the pair (R, W)",
            'return "one, one"',
            "return 1, 5",
            "return 3, 3",
        ),
    },
    "1.2": {
        "returns nothing": (
            "newest returns None; it should return a Stored. Is a `return` missing?",
            "max(found, key=lambda stored: stored.version)",
            "return len(holders) >= self.options.w",
        ),
        "the version for what has it": (
            "; it should return a Stored.",
            "return max(stored.version for stored in found)",
            "return len(holders) >= self.options.w",
        ),
        "the first answer": (
            "B asks S3 and reads 9",
            "return next(iter(found))",
            "return len(holders) >= self.options.w",
        ),
        "the largest value": (
            "No stale reads: S1 and S2 hold version 2 of x",
            "return max(found, key=lambda stored: stored.value)",
            "return len(holders) >= self.options.w",
        ),
        "the number alone": (
            "Linearizability: the writes of 7 at S1 and of 8 at S2 both got the number 1",
            "return max(found, key=lambda stored: stored.number)",
            "return len(holders) >= self.options.w",
        ),
        "the server before the number": (
            "No stale reads",
            "return max(found, key=lambda stored: (stored.server, stored.number))",
            "return len(holders) >= self.options.w",
        ),
        "exactly W": (
            "Availability: W = 2, and x = 1 is on all three servers; yet",
            "return max(found, key=lambda stored: stored.version)",
            "return len(holders) == self.options.w",
        ),
        "one holder is enough": (
            "Too early: W = 3, and a write is answered that is on S1 only",
            "return max(found, key=lambda stored: stored.version)",
            "return len(holders) >= 1",
        ),
        "one too many": (
            "Availability: W = 3, the write is on S1 S2 S3",
            "return max(found, key=lambda stored: stored.version)",
            "return len(holders) > self.options.w",
        ),
        "always a majority": (
            "Too early: W = 5",
            "return max(found, key=lambda stored: stored.version)",
            "return 2 * len(holders) > self.options.n",
        ),
    },
    "1.3": {
        "at once, always": (
            "Linearizability: R = 2, W = 2. A's write has reached S1 only",
            "return True",
        ),
        "never at once": (
            "One round trip too many",
            "return False",
        ),
        "R holders, not W": (
            "Linearizability: R = 1, W = 3",
            "return len(holders) >= self.options.r",
        ),
        "all replicas": (
            "One round trip too many",
            "return len(holders) == self.options.n",
        ),
    },
}
