"""Why 2f + 1 servers bear f crashes, and 3f + 1 bear f liars: how two quorums overlap.

Who can wait for no more than n - f servers, as f may be silent, calls so many a quorum. Two quorums
share 2(n - f) - n = n - 2f servers. Against crashes one is enough: it remembers. Against lies it
must be one who tells the truth, so more than f of them: n - 2f > f.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import ScenarioError


@dataclass(frozen=True)
class Overlap:
    """Two quorums of `n` servers, of which `f` may fail, that meet in as few servers as they can.

    `first` and `second` are the quorums, `shared` is what they have in common, and `liars` are the
    worst f to lie: as many of the shared ones as there are.
    """

    n: int
    f: int
    quorum: int
    first: tuple[str, ...]
    second: tuple[str, ...]
    shared: tuple[str, ...]
    liars: tuple[str, ...]

    @property
    def honest(self) -> tuple[str, ...]:
        """Those in both quorums that do not lie."""
        return tuple(server for server in self.shared if server not in self.liars)

    @property
    def bears_crashes(self) -> bool:
        """Some server was in both quorums: what one has decided the other hears."""
        return bool(self.shared)

    @property
    def bears_lies(self) -> bool:
        """Some server that tells the truth was in both."""
        return bool(self.honest)


def overlap(n: int, f: int, quorum: int | None = None) -> Overlap:
    """The worst case for two quorums of `quorum` servers; if not given, of n - f.

    Raises ScenarioError for numbers that cannot be.
    """
    size = n - f if quorum is None else quorum
    if not (n >= 1 and 0 <= f < n and 1 <= size <= n):
        raise ScenarioError(
            f"Of n = {n} servers f = {f} fail and {size} are a quorum: choose n from 1 on, "
            "f from 0 to n - 1, and a quorum from 1 to n."
        )
    servers = tuple(f"S{i}" for i in range(1, n + 1))
    first, second = servers[:size], servers[n - size :]
    shared = tuple(server for server in first if server in second)
    rest = tuple(server for server in servers if server not in shared)
    return Overlap(n, f, size, first, second, shared, (shared + rest)[:f])
