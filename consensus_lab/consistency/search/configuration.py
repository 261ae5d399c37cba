"""How far a search has come."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...history import Operation
from .timeline import Timeline

Step = tuple["Step | None", Operation | None, Operation | None, bool, int, int]
"""The step before, an operation put at the end of a block (or None), the write at the head of that
block, whether the block is not the last one but the one in front of it, an answer, and the bits of
the observers that are open at that answer and follow in the block.

An order is kept as blocks. Each begins with a write and goes up to the next write; only the first
begins with the beginning, None. A write that stands at the head of its own block begins it. (Plain
tuples: of these more are made than of anything else.)
"""


class Gap(NamedTuple):
    """The end of a block that is not the last. What follows is a write, so more may be put there.

    state   the state there
    answer  the index of the answer at which the write that follows was put in order: only what was
            asked by then fits in here
    block   the write at its head
    """

    state: Any
    answer: int
    block: Operation | None


class Configuration(NamedTuple):
    """How far a search has come: all that its future depends on, and the last step that led here.

    answer   the index of the first answer that is still to be explained
    placed   the operations open at that answer that are in order already, a bit each
    state    the state of the object
    covered  the answer at which the last write was put in order, or -1: whatever was asked by then
             and begins with a write may still be put in front of it, and nobody else notices
    gaps     the gaps from which something can still go
    used     the lost operations that happened, a bit each
    block    the write at the head of the last block
    last     the last step
    """

    answer: int
    placed: int
    state: Any
    covered: int
    gaps: tuple[Gap, ...]
    used: int
    block: Operation | None
    last: Step | None


def in_order(last: Step | None, time: Timeline) -> list[Operation]:
    """The operations in the order to which these steps led."""
    steps: list[Step] = []
    while last is not None:
        steps.append(last)
        last = last[0]
    blocks: list[list[Operation]] = [[]]
    named: dict[int, list[Operation]] = {id(None): blocks[0]}
    for _, operation, head, behind, answer, seen in reversed(steps):
        if operation is not None and operation is head:
            named[id(head)] = block = [operation]
            blocks.insert(len(blocks) - behind, block)
        elif operation is not None:
            named[id(head)].append(operation)
        if seen:
            watching = (index for index in time.observers[answer] if time.bits[index] & seen)
            named[id(head)] += [time.answered[index] for index in watching]
    return [operation for block in blocks for operation in block]
