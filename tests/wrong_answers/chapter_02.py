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
    "2.5": {
        "each where it was asked": (
            "A read returns the latest write",
            """
            return {str(o): o.start for o in PUZZLE}
            """,
        ),
        "each where it was answered": (
            "A read returns the latest write",
            """
            return {str(o): o.end for o in PUZZLE}
            """,
        ),
        "the order is right, one point is too late": (
            "A point lies inside its interval",
            """
            return {"W(x,2)": 12, "R(x)2": 22, "W(x,1)": 24, "R(x)1": 28, "W(x,3)": 38, "R(x)3": 41}
            """,
        ),
        "one read forgotten": (
            "Each operation has one point",
            """
            return {"W(x,2)": 12, "W(x,1)": 24, "R(x)1": 28, "W(x,3)": 38, "R(x)3": 41}
            """,
        ),
        "a write and its read at once": (
            "One after the other",
            """
            return {"W(x,2)": 16, "R(x)2": 16, "W(x,1)": 24, "R(x)1": 28, "W(x,3)": 38, "R(x)3": 41}
            """,
        ),
    },
    "2.6": {
        "last in, first out": (
            "First in, first out",
            """
            if operation.kind == "enqueue":
                return (*state, operation.args[0])
            newest = state[-1] if state else None
            return state[:-1] if operation.result == newest else REFUSED
            """,
        ),
        "any value that is in": (
            "First in, first out",
            """
            if operation.kind == "enqueue":
                return (*state, operation.args[0])
            if not state:
                return state if operation.result is None else REFUSED
            if operation.result not in state:
                return REFUSED
            place = state.index(operation.result)
            return state[:place] + state[place + 1 :]
            """,
        ),
        "the value stays in": (
            "What was taken out is gone",
            """
            if operation.kind == "enqueue":
                return (*state, operation.args[0])
            oldest = state[0] if state else None
            return state if operation.result == oldest else REFUSED
            """,
        ),
        "the empty queue forgotten": (
            "fails with IndexError",
            """
            if operation.kind == "enqueue":
                return (*state, operation.args[0])
            return state[1:] if operation.result == state[0] else REFUSED
            """,
        ),
        "an empty queue cannot be asked": (
            "An empty queue says None",
            """
            if operation.kind == "enqueue":
                return (*state, operation.args[0])
            return state[1:] if state and operation.result == state[0] else REFUSED
            """,
        ),
        "None always believed": (
            "None is only for an empty queue",
            """
            if operation.kind == "enqueue":
                return (*state, operation.args[0])
            if operation.result is None:
                return state
            return state[1:] if state and operation.result == state[0] else REFUSED
            """,
        ),
        "False for REFUSED": (
            "A state or REFUSED",
            """
            if operation.kind == "enqueue":
                return (*state, operation.args[0])
            oldest = state[0] if state else None
            return operation.result == oldest and state[1:]
            """,
        ),
        "a list for a state": (
            "A state or REFUSED",
            """
            if operation.kind == "enqueue":
                return [*state, operation.args[0]]
            return state[1:]
            """,
        ),
    },
}
