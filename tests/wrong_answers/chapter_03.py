"""Typical mistakes in the exercises of chapter 03: words of the rejection, and the answer."""

WRONG_ANSWERS = {
    "3.1": {
        "real time kept for all": (
            "The global clock is let go",
            """
            starts = [operation.start for operation in order]
            return starts == sorted(starts)
            """,
        ),
        "only neighbours compared": (
            "Not only neighbours count",
            """
            for a, b in zip(order, order[1:]):
                if a.process == b.process and a.start > b.start:
                    return False
            return True
            """,
        ),
        "every order will do": (
            "Every process keeps its own order",
            "return True",
        ),
        "the empty order forgotten": (
            "fails with IndexError",
            """
            last = {order[0].process: order[0].start}
            for operation in order[1:]:
                if operation.start < last.get(operation.process, 0):
                    return False
                last[operation.process] = operation.start
            return True
            """,
        ),
    },
    "3.2": {
        "the clock kept": (
            "The global clock is let go",
            """
            for order in permutations(history):
                late = any(
                    b.end is not None and b.end < a.start
                    for i, a in enumerate(order)
                    for b in order[i + 1 :]
                )
                if is_legal(order) and not late:
                    return list(order)
            return None
            """,
        ),
        "any legal order will do": (
            "Every process keeps its own order",
            """
            for order in permutations(history):
                if is_legal(order):
                    return list(order)
            return None
            """,
        ),
        "a time-out taken for a failure": (
            "Without an answer: perhaps it happened, perhaps not",
            """
            answered = [operation for operation in history if operation.end is not None]
            for order in permutations(answered):
                if is_legal(order) and keeps_program_order(order):
                    return list(order)
            return None
            """,
        ),
        "each register for itself": (
            "Every process keeps its own order",
            """
            whole = []
            for part in history.by_key().values():
                for order in permutations(part):
                    if is_legal(order) and keeps_program_order(order):
                        whole += order
                        break
                else:
                    return None
            return whole
            """,
        ),
    },
    "3.3": {
        "the read overlaps the write": (
            "Not linearizable",
            """
            return "P1: [W(x,1)]\\nP2:       [R(x)0]"
            """,
        ),
        "a process that forgets its own write": (
            "Sequentially consistent",
            """
            return "P1: [W(x,1)] [R(x)0]"
            """,
        ),
        "the example of the notes": (
            "Three operations, one register",
            """
            return "P1:            [W(x,4)]       [R(y)2]\\nP2: [W(y,2)]            [R(x)0]"
            """,
        ),
    },
    "3.4": {
        "the litmus test": (
            "Every read returns a value that was written",
            """
            return "P1: [W(x,1)] [R(y)0]\\nP2: [W(y,1)] [R(x)0]"
            """,
        ),
        "one register is wrong by itself": (
            "Each register is fine alone",
            """
            return "P1: [W(x,1)] [W(x,2)] [W(y,1)]\\nP2:  [R(x)2] [R(x)1] [R(y)1]"
            """,
        ),
        "an order for both": (
            "Together they are not",
            """
            return "P1: [W(x,1)] [W(x,2)] [W(y,1)]\\nP2:  [R(x)1] [R(y)1]"
            """,
        ),
        "one register": (
            "Two registers",
            """
            return "P1: [W(x,1)]\\nP2:            [R(x)1]"
            """,
        ),
    },
}
