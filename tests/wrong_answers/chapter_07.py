"""Typical mistakes in the exercises of chapter 07: words of the rejection, and the answer."""

THEATRE = """
match request.operation:
    case ("book", name) if self.free:
        seat = min(self.free)
        booked = {**self.data, name: seat}
        return replace(self, data=booked, free=self.free - {seat}), seat
    case ("lease", door, owner, now):
        if now < self.data.get(door, (None, now))[1]:
            return self, False
        return replace(self, data={**self.data, door: (owner, now + LEASE)}), True
    case ("read", key):
        return self, self.data.get(key)
return self, None
"""

ONCE = """
last, response = self.sessions.get(request.client, (0, None))
if request.sequence <= last:
    return self, response
machine, response = self.machine.apply(request)
sessions = {**self.sessions, request.client: (request.sequence, response)}
return Once(machine, sessions), response
"""

WINDOW = """
session = self.sessions.get(request.client, Session())
if request.sequence in session.responses:
    return self, session.responses[request.sequence]
if request.sequence < session.first_unanswered:
    return self, None
machine, response = self.machine.apply(request)
first = max(session.first_unanswered, request.first_unanswered)
kept = {n: r for n, r in session.responses.items() if n >= first}
session = Session(first, {**kept, request.sequence: response})
return Window(machine, {**self.sessions, request.client: session}), response
"""


def but(answer: str, old: str, new: str) -> str:
    """The answer with one thing wrong in it."""
    assert answer.count(old) == 1, old
    return answer.replace(old, new)


WRONG_ANSWERS = {
    "7.1": {
        "the first of a set": (
            "Determinism is broken",
            but(THEATRE, "min(self.free)", "self.local.iterate(self.free)[0]"),
        ),
        "drawn by lot": (
            "Determinism is broken",
            but(THEATRE, "min(self.free)", "sorted(self.free)[int(self.local.random * 2) % 2]"),
        ),
        "the server's own clock": (
            "Determinism is broken",
            but(THEATRE, '("lease", door, owner, now):', '("lease", door, owner, now):').replace(
                "if now <", "now = self.local.clock\n        if now <"
            ),
        ),
        "the lease ends a moment late": (
            "the lease of 500 ms is over",
            but(
                THEATRE,
                "if now < self.data.get(door, (None, now))",
                "if now <= self.data.get(door, (None, -1))",
            ),
        ),
        "changed in place": (
            "A machine is a value",
            but(
                THEATRE,
                "booked = {**self.data, name: seat}",
                "booked = self.data\n        booked[name] = seat",
            ),
        ),
        "sold out, and a seat all the same": (
            "fails with ValueError",
            but(THEATRE, '("book", name) if self.free', '("book", name)'),
        ),
    },
    "7.2": {
        "no session": (
            "Exactly once is broken",
            """
            machine, response = self.machine.apply(request)
            return Once(machine, self.sessions), response
            """,
        ),
        "no response taken for no session": (
            "Exactly once is broken",
            """
            sequence, response = self.sessions.get(request.client, (0, None))
            if request.sequence == sequence and response:
                return self, response
            machine, response = self.machine.apply(request)
            sessions = {**self.sessions, request.client: (request.sequence, response)}
            return Once(machine, sessions), response
            """,
        ),
        "only the same number is known": (
            "A late copy is not carried out",
            but(ONCE, "request.sequence <= last", "request.sequence == last"),
        ),
        "one session for all": (
            "Each client has a session of its own",
            ONCE.replace("request.client", '"all"'),
        ),
        "an answer to a retry is nothing": (
            "A retry gets its own response",
            but(ONCE, "    return self, response\n", "    return self, None\n"),
        ),
        "changed in place": (
            "A machine is a value",
            """
            last, response = self.sessions.get(request.client, (0, None))
            if request.sequence <= last:
                return self, response
            machine, response = self.machine.apply(request)
            self.sessions[request.client] = (request.sequence, response)
            return Once(machine, self.sessions), response
            """,
        ),
    },
    "7.3": {
        "the rule of 7.2": (
            "A request may be overtaken, and is new all the same",
            but(
                WINDOW,
                "if request.sequence < session.first_unanswered:",
                "if request.sequence < max(session.responses, default=0):",
            ),
        ),
        "nothing is forgotten": (
            "What the client has is forgotten",
            but(WINDOW, " if n >= first}", "}"),
        ),
        "what is forgotten looks new": (
            "A late copy is not carried out",
            but(
                WINDOW,
                "if request.sequence < session.first_unanswered:",
                "if request.sequence < 1:",
            ),
        ),
        "forgets what is still asked for": (
            "Exactly once is broken",
            but(WINDOW, "if n >= first}", "if n > first}"),
        ),
        "goes back with a late copy": (
            "A late copy is not carried out",
            but(
                WINDOW,
                "max(session.first_unanswered, request.first_unanswered)",
                "request.first_unanswered",
            ),
        ),
    },
}
