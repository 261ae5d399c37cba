"""Typical mistakes in the exercises of chapter 06: words of the rejection, and the answer."""

ADD = """
number = 1 + sum(tag[0] == server for _, tag in self.added)
return replace(self, added=self.added | {(element, (server, number))})
"""

REMOVE = """
tags = {tag for each, tag in self.added if each == element}
return replace(self, removed=self.removed | tags)
"""

MERGE = "return MySet(self.added | other.added, self.removed | other.removed)"

LEARN = """
for server, count in vector.items():
    self.seen[server] = max(count, self.seen.get(server, 0))
"""

ALLOWS = "return all(vector.get(server, 0) >= count for server, count in self.seen.items())"

WRONG_ANSWERS = {
    "6.1": {
        "both promises kept": (
            "Nobody goes back to an older value",
            'return "P1: [W(x,1)] [R(x)1]"',
        ),
        "both promises broken": (
            "Read your writes is to be kept",
            'return "P1: [W(x,1)] [W(x,2)] [R(x)2] [R(x)1]"',
        ),
        "back to the initial value": (
            "Every read returns a value that was written",
            'return "P1: [W(x,1)]\\nP2: [R(x)1] [R(x)0]"',
        ),
        "two writers whose order nobody knows": (
            "Nobody goes back to an older value",
            'return "P1: [W(x,1)]\\nP2: [W(x,2)]\\nP3: [R(x)2] [R(x)1]"',
        ),
    },
    "6.2": {
        "adds the counts": (
            "merge is not idempotent",
            """
            def both(a, b):
                return {s: a.get(s, 0) + b.get(s, 0) for s in {**a, **b}}

            return MyCounter(both(self.added, other.added), both(self.taken, other.taken))
            """,
        ),
        "lets the other win": (
            "merge is not commutative",
            "return MyCounter({**self.added, **other.added}, {**self.taken, **other.taken})",
        ),
        "looks only at its own servers": (
            "merge is not commutative",
            """
            def larger(a, b):
                return {s: max(n, b.get(s, 0)) for s, n in a.items()}

            return MyCounter(larger(self.added, other.added), larger(self.taken, other.taken))
            """,
        ),
        "forgets what was taken away": (
            "What is taken away arrives, too",
            """
            servers = {**self.added, **other.added}
            return MyCounter(
                {s: max(self.added.get(s, 0), other.added.get(s, 0)) for s in servers}
            )
            """,
        ),
        "takes the smaller count": (
            "What the other has counted arrives",
            """
            def smaller(a, b):
                return {s: min(a.get(s, 0), b.get(s, 0)) for s in {**a, **b}}

            return MyCounter(smaller(self.added, other.added), smaller(self.taken, other.taken))
            """,
        ),
        "keeps the state of the larger value": (
            "No count is lost",
            "return max(self, other, key=lambda one: (one.value, str(one)))",
        ),
        "returns the value": (
            "not a MyCounter",
            "return self.value + other.value",
        ),
    },
    "6.3": {
        "adds the element without a tag": (
            "The fields of a state keep their form. MySet(added=frozenset({1})",
            "return replace(self, added=self.added | {element})",
            "return self",
            "return self",
        ),
        "one tag for ever": (
            "An element can come back",
            "return replace(self, added=self.added | {(element, (server, 1))})",
            REMOVE,
            MERGE,
        ),
        "takes the pair out": (
            "A removal reaches the other server",
            ADD,
            """
            left = frozenset(pair for pair in self.added if pair[0] != element)
            return replace(self, added=left)
            """,
            MERGE,
        ),
        "removes everything": (
            "A removal takes away one element only",
            ADD,
            "return replace(self, removed=self.removed | {tag for _, tag in self.added})",
            MERGE,
        ),
        "forgets removals when it merges": (
            "A removal takes away what it has seen",
            ADD,
            REMOVE,
            "return MySet(self.added | other.added)",
        ),
        "keeps only what both know": (
            "What was added is there",
            ADD,
            REMOVE,
            "return MySet(self.added & other.added, self.removed | other.removed)",
        ),
        "a tag without its server": (
            "Each addition has a tag of its own",
            'return replace(self, added=self.added | {(element, ("", 1 + len(self.added)))})',
            REMOVE,
            MERGE,
        ),
    },
    "6.4": {
        "allows everybody": ("Read your writes is broken", LEARN, "return True"),
        "remembers only the last answer": (
            "Read your writes is broken",
            "self.seen = dict(vector)",
            ALLOWS,
        ),
        "compares sums": (
            "Read your writes is broken",
            LEARN,
            "return sum(vector.values()) >= sum(self.seen.values())",
        ),
        "any server will do": (
            "Read your writes is broken",
            LEARN,
            """
            return not self.seen or any(
                vector.get(server, 0) >= count for server, count in self.seen.items()
            )
            """,
        ),
        "wants more than it has seen": (
            "Availability is lost",
            LEARN,
            "return all(vector.get(server, 0) > n for server, n in self.seen.items())",
        ),
        "wants exactly what it has seen": (
            "Availability is lost",
            LEARN,
            "return vector == self.seen",
        ),
    },
}
