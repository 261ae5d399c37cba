"""Typical mistakes in the exercises of chapter 02: words of the rejection, and the answer."""

WRONG_ANSWERS = {
    "2.1": {
        "intervals taken as open": (
            "Intervals are closed",
            "return a.end is not None and a.end <= b.start",
        ),
        "starts compared": (
            "To overlap is to be free",
            "return a.start < b.start",
        ),
        "no answer taken for an answer at once": (
            "Without an answer there is no end",
            "return (a.start if a.end is None else a.end) < b.start",
        ),
        "no answer forgotten": (
            "fails with TypeError",
            "return a.end < b.start",
        ),
        "the wrong way round": (
            "An answer before a question",
            "return b.end is not None and b.end < a.start",
        ),
    },
    "2.2": {
        "any earlier write will do": (
            "A read returns the latest write",
            """
            written = {}
            for operation in order:
                if operation.kind == "write":
                    written.setdefault(operation.key, []).append(operation.args[0])
                elif operation.result not in written.get(operation.key, [0]):
                    return False
            return True
            """,
        ),
        "one register for all keys": (
            "Each key is a register of its own",
            """
            value = 0
            for operation in order:
                if operation.kind == "write":
                    value = operation.args[0]
                elif operation.result != value:
                    return False
            return True
            """,
        ),
        "registers start empty": (
            "Every register starts at 0",
            """
            registers = {}
            for operation in order:
                if operation.kind == "write":
                    registers[operation.key] = operation.args[0]
                elif operation.result != registers.get(operation.key):
                    return False
            return True
            """,
        ),
        "only the first read is looked at": (
            "A later read is held to it too",
            """
            registers = {}
            for operation in order:
                if operation.kind == "write":
                    registers[operation.key] = operation.args[0]
                else:
                    return operation.result == registers.get(operation.key, 0)
            return True
            """,
        ),
    },
    "2.3": {
        "only the order of the starts is tried": (
            "To overlap is to be free",
            """
            answered = [operation for operation in history if operation.end is not None]
            return answered if is_legal(answered) else None
            """,
        ),
        "real time forgotten": (
            "Real time is kept",
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
                if is_legal(order) and keeps_time(order):
                    return list(order)
            return None
            """,
        ),
        "reads do not count": (
            "Every answered operation, once",
            """
            writes = [operation for operation in history if operation.kind == "write"]
            for order in permutations(writes):
                if keeps_time(order):
                    return list(order)
            return None
            """,
        ),
        "it never ends": (
            "does not return",
            """
            while True:
                pass
            """,
        ),
        "an answer of another kind": (
            "An order or None",
            "return True",
        ),
    },
    "2.4": {
        "a read of a value that never was": (
            "Each read alone fits the write",
            """
            return "P1: [W(x,1)        ]\\nP2:     [R(x)7] [R(x)0]"
            """,
        ),
        "the new value after the old one": (
            "Together they have no order",
            """
            return "P1: [W(x,1)                 ]\\nP2:     [R(x)0]   [R(x)1]"
            """,
        ),
        "the reads overlap": (
            "Together they have no order",
            """
            return "P1: [W(x,1)         ]\\nP2:    [R(x)1]\\nP3:    [R(x)0]"
            """,
        ),
        "two writes": (
            "One write, two reads",
            """
            return "P1: [W(x,1)] [W(x,2)]\\nP2:                 [R(x)1]"
            """,
        ),
    },
}
