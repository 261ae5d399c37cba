"""A log that grows without being copied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar, overload

T = TypeVar("T")


class Log(Sequence[T]):
    """A sequence that never changes, like a tuple; but `log + (entry,)` costs the same for ever.

    All versions of a log that was only appended to look at one list, and each knows how far (so do
    slices in Go). So a trace can hold the log of every moment, and whether one log begins another
    is plain to see. Only where two versions part is anything copied.

    log[:n] is a Log again; any other part of it is a tuple.
    """

    __slots__ = ("_length", "_shared")

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._shared = list(items)
        self._length = len(self._shared)

    @classmethod
    def empty(cls) -> Any:
        """A log without items, of the type of the tuple that it stands for."""
        return cls()

    def first(self, length: int) -> Log[T]:
        """The first `length` items, where they lie."""
        if length == self._length:
            return self
        log: Log[T] = Log.__new__(Log)
        log._shared, log._length = self._shared, length
        return log

    def __add__(self, items: Iterable[T]) -> Log[T]:
        shared = self._shared
        if self._length < len(shared):  # another version goes on from here, in its own way
            return Log(self) + items
        shared.extend(items)
        return self.first(len(shared))

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Any: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            start, stop, step = place.indices(self._length)
            if step != 1:
                return tuple([self._shared[i] for i in range(start, stop, step)])
            return tuple(self._shared[start:stop]) if start else self.first(stop)
        if 0 <= place < self._length:
            return self._shared[place]
        if place < 0 <= place + self._length:
            return self._shared[place + self._length]
        raise IndexError(f"there is no item {place} in a log of {self._length}")

    def __iter__(self) -> Iterator[T]:
        return islice(self._shared, self._length)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Log) and other._shared is self._shared:
            return self._length == other._length
        if isinstance(other, Log | tuple):
            return self._length == len(other) and tuple(self) == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def begins(start: Any, log: Any) -> bool:
    """`log` is `start`, or `start` and more. Plain to see if both are versions of one Log."""
    if isinstance(log, Log) and isinstance(start, Log) and log._shared is start._shared:
        return start._length <= log._length
    return bool(log[: len(start)] == start)


def fixed(items: Iterable[Any]) -> Any:
    """`items` as they are now: a learner's log may be a list, which the next step changes."""
    return items if isinstance(items, Log) else tuple(items)
