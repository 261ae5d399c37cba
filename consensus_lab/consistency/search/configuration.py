"""How far a search has come."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...history import Operation


class Step(NamedTuple):
    """An operation put at the end of a block, or, if it is a write, at the head of its own.

    An order is kept as blocks. Each begins with a write and goes up to the next write; only the
    first begins with the beginning, None. `behind`: the block is not the last but the one in front
    of it.
    """

    before: Step | None
    operation: Operation
    block: Operation | None
    behind: bool = False


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
    used     how many of each kind of lost operation happened
    block    the write at the head of the last block
    last     the last step
    """

    answer: int
    placed: int
    state: Any
    covered: int
    gaps: tuple[Gap, ...]
    used: tuple[int, ...]
    block: Operation | None
    last: Step | None


def in_order(last: Step | None) -> list[Operation]:
    """The operations in the order to which these steps led."""
    steps = []
    while last is not None:
        steps.append(last)
        last = last.before
    blocks: list[list[Operation]] = [[]]
    named: dict[int, list[Operation]] = {id(None): blocks[0]}
    for step in reversed(steps):
        if step.operation is step.block:
            named[id(step.block)] = block = [step.operation]
            blocks.insert(len(blocks) - step.behind, block)
        else:
            named[id(step.block)].append(step.operation)
    return [operation for block in blocks for operation in block]
