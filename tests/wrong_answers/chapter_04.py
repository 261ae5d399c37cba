"""Typical mistakes in the exercises of chapter 04: words of the rejection, and the answer."""

COUNT = "return Counting({**self, name: self[name] + 1})"
MERGE = "return Counting({name: max(self[name], other[name]) for name in {*self, *other}})"
LESS = "return all(self[name] <= other[name] for name in self)"
NEITHER = "return not self <= other and not other <= self"

WRONG_ANSWERS = {
    "4.1": {
        "the clock itself is changed": (
            "A clock is a value",
            """
            self._counts[name] = self[name] + 1
            return self
            """,
            MERGE,
        ),
        "a plain dictionary": (
            "A clock is a value",
            "return {**self, name: self[name] + 1}",
            MERGE,
        ),
        "every process counts": (
            "Every event counts itself",
            "return Counting({other: self[other] + 1 for other in {*self, name}})",
            MERGE,
        ),
        "the numbers are added": (
            "Who receives knows what both knew",
            COUNT,
            "return Counting({name: self[name] + other[name] for name in {*self, *other}})",
        ),
        "only names that both know": (
            "Who receives knows what both knew",
            COUNT,
            "return Counting({name: max(self[name], other[name]) for name in self})",
        ),
        "the sender's clock replaces one's own": (
            "Who receives knows what both knew",
            COUNT,
            "return Counting({**self, **other})",
        ),
    },
    "4.2": {
        "the sums are compared": (
            "Two clocks can each lack something of the other",
            "return sum(self.values()) <= sum(other.values())",
            NEITHER,
        ),
        "only the names that the other knows": (
            "Nothing of the one is missing in the other",
            "return all(self[name] <= other[name] for name in other)",
            NEITHER,
        ),
        "one smaller number is enough": (
            "Nothing of the one is missing in the other",
            "return not self or any(self[name] <= other[name] for name in self)",
            NEITHER,
        ),
        "strictly smaller in all": (
            "Every clock is <= itself",
            "return all(self[name] < other[name] for name in self)",
            NEITHER,
        ),
        "different means concurrent": (
            "Concurrent: neither is <= the other",
            LESS,
            "return self != other",
        ),
        "asked in one direction only": (
            "Concurrent: neither is <= the other",
            LESS,
            "return not self <= other",
        ),
    },
    "4.3": {
        "returns nothing": ("is_ready returns None", "write.past <= self.clock"),
        "nobody waits": (
            "An answer waits for its question",
            "return True",
        ),
        "only the sender's own writes count": (
            "An answer waits for its question",
            "return write.past[write.server] <= self.clock[write.server]",
        ),
        "counted, not compared": (
            "An answer waits for its question",
            "return sum(write.past.values()) <= sum(self.clock.values())",
        ),
        "not concurrent is taken for here": (
            "No effect before its cause",
            "return not self.clock.concurrent(write.past)",
        ),
        "both must know the same": (
            "Independent posts need not wait",
            "return write.past == self.clock",
        ),
        "asked the wrong way round": (
            "Independent posts need not wait",
            "return self.clock <= write.past",
        ),
    },
    "4.4": {
        "there is an order": (
            "Not sequentially consistent",
            """
            return "P1: [W(x,1)] [R(y)0]\\nP2: [W(y,2)] [R(x)1]"
            """,
        ),
        "two opinions on one register": (
            "Causally convergent",
            """
            return "P1: [W(x,1)] [R(x)2]\\nP2: [W(x,2)] [R(x)1]"
            """,
        ),
        "an answer without its question": (
            "Causally convergent",
            """
            return "P1: [W(x,1)] [W(y,2)]\\nP2:                  [R(y)2] [R(x)0]"
            """,
        ),
        "too much": (
            "Four operations",
            """
            return "P1: [W(x,1)] [R(y)0] [R(y)0]\\nP2: [W(y,2)] [R(x)0]"
            """,
        ),
    },
}
