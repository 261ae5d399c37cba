"""Typical mistakes in the exercises of chapter 05: words of the rejection, and the answer."""

WRONG_ANSWERS = {
    "5.1": {
        "two reads conflict": (
            "A conflict needs a write",
            """
            aborted = {step.transaction for step in schedule if step.action == "a"}
            steps = [s for s in schedule if s.key and s.transaction not in aborted]
            return {
                (a.transaction, b.transaction)
                for place, a in enumerate(steps)
                for b in steps[place + 1 :]
                if a.key == b.key and a.transaction != b.transaction
            }
            """,
        ),
        "keys not compared": (
            "A conflict needs the same key",
            """
            return {
                (a.transaction, b.transaction)
                for place, a in enumerate(schedule)
                for b in schedule[place + 1 :]
                if a.transaction != b.transaction and "w" in (a.action, b.action)
            }
            """,
        ),
        "against itself": (
            "Nobody comes before himself",
            """
            return {
                (a.transaction, b.transaction)
                for place, a in enumerate(schedule)
                for b in schedule[place + 1 :]
                if a.key == b.key and "w" in (a.action, b.action)
            }
            """,
        ),
        "only neighbours": (
            "Not only neighbours conflict",
            """
            return {
                (a.transaction, b.transaction)
                for a, b in zip(schedule, schedule[1:])
                if a.key == b.key and a.transaction != b.transaction and "w" in a.action + b.action
            }
            """,
        ),
        "only what was read": (
            "Reading and then writing is a conflict, too",
            """
            return {
                (a.transaction, b.transaction)
                for place, a in enumerate(schedule)
                for b in schedule[place + 1 :]
                if a.key == b.key and a.transaction != b.transaction and a.action == "w"
            }
            """,
        ),
        "aborts forgotten": (
            "Aborted transactions do not count",
            """
            return {
                (a.transaction, b.transaction)
                for place, a in enumerate(schedule)
                for b in schedule[place + 1 :]
                if a.key == b.key and a.transaction != b.transaction and "w" in a.action + b.action
            }
            """,
        ),
    },
    "5.2": {
        "only cycles of two": (
            "A cycle may be long",
            """
            if any((b, a) in edges for a, b in edges):
                return None
            order: list[str] = []
            while len(order) < len(names):
                waiting = {b for a, b in edges if a not in order}
                free = [name for name in names if name not in order and name not in waiting]
                order.append(free[0] if free else [n for n in names if n not in order][0])
            return order
            """,
        ),
        "lonely ones forgotten": (
            "Every transaction, once",
            """
            order: list[str] = []
            involved = [name for name in names if any(name in edge for edge in edges)]
            if not edges:
                return names
            while len(order) < len(involved):
                waiting = {b for a, b in edges if a not in order}
                free = [name for name in involved if name not in order and name not in waiting]
                if not free:
                    return None
                order.append(free[0])
            return order
            """,
        ),
        "sorted by the number of arrows": (
            "is an order",
            """
            order = sorted(names, key=lambda name: sum(b == name for a, b in edges))
            kept = all(order.index(a) < order.index(b) for a, b in edges)
            return order if kept else None
            """,
        ),
        "each edge swapped once": (
            "An edge says who is first",
            """
            order = list(names)
            for a, b in sorted(edges):
                if order.index(a) > order.index(b):
                    i, j = order.index(a), order.index(b)
                    order[i], order[j] = order[j], order[i]
            return order
            """,
        ),
        "never a cycle": (
            "A cycle has no order",
            """
            order: list[str] = []
            while len(order) < len(names):
                waiting = {b for a, b in edges if a not in order}
                free = [name for name in names if name not in order and name not in waiting]
                order.append((free or [name for name in names if name not in order])[0])
            return order
            """,
        ),
    },
    "5.3": {
        "a lost update": (
            "Each sees a snapshot",
            """
            return '''
                T1: [R(x)0 W(x,1)]
                T2: [R(x)0 W(x,2)]
            '''
            """,
        ),
        "half of another": (
            "Each sees a snapshot",
            """
            return '''
                T1: [W(x,1) W(y,1)]
                T2: [R(x)1 R(y)0]
            '''
            """,
        ),
        "one simply goes first": (
            "Not serializable",
            """
            return '''
                T1: [R(x)0 W(y,1)]
                T2: [R(y)1 W(x,2)]
            '''
            """,
        ),
        "nobody there": (
            "Three transactions at most",
            """
            return "T1: [R(x)0 W(y,1)]"
            """,
        ),
    },
    "5.4": {
        "any key that was committed since": (
            "Another key is no reason. A's R(x) A(x,1)! was aborted",
            """
            late = any(versions[-1][0] > one.snapshot for versions in self.versions.values())
            return kind != "read" and late
            """,
        ),
        "only plain writes": (
            "Of two that overlap the first one wins. lost update",
            """
            versions = self.versions.get(key, ((0, None),))
            return kind == "write" and versions[-1][0] > one.snapshot
            """,
        ),
        "nobody is ever overtaken": (
            "Of two that overlap the first one wins. lost update",
            "return False",
        ),
        "its own snapshot counts as news": (
            "Only what overlaps is refused",
            """
            versions = self.versions.get(key, ())
            return kind != "read" and bool(versions) and versions[-1][0] >= one.snapshot
            """,
        ),
        "reads abort, too": (
            "A snapshot is never too old to read",
            """
            versions = self.versions.get(key, ())
            return bool(versions) and versions[-1][0] > one.snapshot
            """,
        ),
        "the oldest version asked": (
            "Of two that overlap the first one wins",
            """
            versions = self.versions.get(key, ())
            return kind != "read" and bool(versions) and versions[0][0] > one.snapshot
            """,
        ),
        "new keys forgotten": (
            "KeyError",
            """
            return kind != "read" and self.versions[key][-1][0] > one.snapshot
            """,
        ),
    },
}
