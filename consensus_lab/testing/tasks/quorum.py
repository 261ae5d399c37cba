"""The checks of chapter 01: numbers and rules for a quorum store.

Each runs scenarios that are made for one mistake: messages take 5 ms, disks 1 ms, and a cut strikes
while what matters is on its way. So the scenario that fails is small, and told as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...consistency.linearizable import linearizable
from ...consistency.staleness import staleness
from ...protocols.stores.quorum import Quorum
from ...protocols.stores.quorum_messages import Stored
from ...simulation import DiskModel, Network, Scenario, Trace, Workload
from ...simulation.faults import crash, cut, heal, partition, request
from ..checks import CheckFailed
from ..hunt import Finding
from ..learner import ask, hold_returns, hold_written

N = 5
NAMES = tuple(f"S{k}" for k in range(1, N + 1))


def store(protocol: type[Quorum] = Quorum, servers: int = N, **options: Any) -> Scenario:
    """A store on `servers` servers, each a replica of all keys, without luck, good or bad."""
    return Scenario(
        protocol,
        servers,
        duration=900,
        options={"n": servers, **options},
        network=Network((5, 5)),
        disk=DiskModel((1, 1)),
        workload=Workload(retry=2000),
    )


def write_to_some(scenario: Scenario, reach: int) -> Scenario:
    """A writes x = 1 at S1, and it reaches S1, S2, … `reach` servers. From then on a cut parts them
    from the others; A is on their side, B on the other."""
    names = scenario.server_names
    asked = scenario.at(100, request("write", "x", 1, server="S1"))
    if reach == len(names):
        return asked
    # It strikes when the replicas have told their versions (where S1 needs them), and what is to be
    # written is on its way to them.
    moment = 108 if scenario.tuned.r == 1 else 118
    near, far = names[:reach], names[reach:]
    inner = [cut(a, b, one_way=True) for a in names[:1] for b in far]
    parted = partition([*near, "A"], [*far, "B"])
    return asked.at(moment, *inner).at(moment + 4, parted)


def fail(property: str, text: str, trace: Trace, moment: float) -> CheckFailed:
    """What is wrong, with the run at `moment` (ms) to show it."""
    finding = Finding(trace.scenario, trace, property, text, moment)
    return CheckFailed(f"{property}: {text}.", finding)


def how_it_went(trace: Trace, index: int = -1) -> str:
    """What became of a request, in words."""
    done = trace.operations[index]
    what = f"{done.process}'s {done.operation[0]}"
    ends = {"ok": "is answered", "failed": "is refused", "unknown": "is never answered"}
    return f"{what} {ends[done.outcome]}"


# -- task 1.1: choose R and W ----------------------------------------------------------------------


def check_numbers(
    cart: Callable[[], tuple[int, int]],
    prices: Callable[[], tuple[int, int]],
    account: Callable[[], tuple[int, int]],
) -> None:
    """Whether the three pairs (R, W) do for five replicas what the task asks for."""
    both = ("write", "x", 2), ("read", "x")
    r, w = numbers("cart", ask(cart))
    check_open("cart", r, w, both, cut_off=True)
    r, w = numbers("prices", ask(prices))
    check_open("prices", r, w, both[1:], cut_off=True)
    check_fresh("prices", r, w)
    r, w = numbers("account", ask(account))
    check_open("account", r, w, both, cut_off=False)
    check_fresh("account", r, w)
    print("✓ 1.1 The cart is always open, prices are read at once, and the account is safe.")


def numbers(name: str, answer: Any) -> tuple[int, int]:
    """The answer, if it is a pair of whole numbers from 1 to 5."""
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise CheckFailed(f"{name}() returns the pair (R, W), such as (2, 4); not {answer!r}.")
    for value in answer:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= N:
            raise CheckFailed(f"{name}(): R and W are whole numbers from 1 to {N}; not {value!r}.")
    return answer[0], answer[1]


def check_open(name: str, r: int, w: int, asks: Iterable[tuple[Any, ...]], cut_off: bool) -> None:
    """Each request at S1 is answered: when it is cut off, or when S4 and S5 are down."""
    fault = partition(["S1", "A"], NAMES[1:]) if cut_off else crash("S4")
    trouble = "S1 is cut off from all others" if cut_off else "S4 and S5 are down"
    for operation in asks:
        scenario = store(r=r, w=w).at(50, request("write", "x", 1, client="B", server="S1"))
        scenario = scenario.at(150, fault, *([] if cut_off else [crash("S5")]))
        trace = scenario.at(200, request(*operation, server="S1")).run()
        if trace.operations[-1].outcome != "ok":
            text = f"{trouble}, and {how_it_went(trace)}. {name}() says R = {r}, W = {w}"
            raise fail("Availability", text, trace, 200)


def check_fresh(name: str, r: int, w: int) -> None:
    """No read is stale, even if a write reaches W servers and R others answer."""
    scenario = write_to_some(store(r=r, w=w), w)
    trace = scenario.at(300, request("read", "x", client="B", server=NAMES[-1])).run()
    if any(one.versions for one in staleness(trace.history())):
        text = (
            f"x = 1 is written on {' '.join(NAMES[:w])}, and B reads 0 from {r} of the others. "
            f"{name}() says R = {r}, W = {w}"
        )
        raise fail("No stale reads", text, trace, 300)


# -- task 1.2: the coordinator's rules -------------------------------------------------------------


def check_rules(protocol: type[Quorum]) -> None:
    """Whether `newest` and `is_written` are right, in runs of a store with these rules."""
    hold_written(protocol, "newest", "is_written")
    hold_returns(write_to_some(store(protocol, r=3, w=3), 3), newest=Stored, is_written=bool)
    check_newest(protocol)
    for r, w in ((3, 3), (1, 5), (5, 1)):
        for reach in range(1, w):
            trace = write_to_some(store(protocol, r=r, w=w), reach).run()
            if trace.operations[0].outcome == "ok":
                text = f"W = {w}, and a write is answered that is on {' '.join(NAMES[:reach])} only"
                raise fail("Too early", text, trace, 118)
        trace = write_to_some(store(protocol, r=r, w=w), w).run()
        if trace.operations[0].outcome != "ok":
            text = f"W = {w}, the write is on {' '.join(NAMES[:w])}, and {how_it_went(trace, 0)}"
            raise fail("Availability", text, trace, 130)
    check_more_than_enough(protocol)
    print("✓ 1.2 Reads return the newest version, and writes are answered by W replicas.")


def check_more_than_enough(protocol: type[Quorum]) -> None:
    """What is on more than W servers is written as well."""
    scenario = store(protocol, servers=3, r=3, w=2, write_back=True)
    scenario = scenario.at(100, request("write", "x", 1, server="S1"))
    trace = scenario.at(300, request("read", "x", client="B", server="S2")).run()
    if trace.operations[-1].outcome != "ok":
        text = f"W = 2, and x = 1 is on all three servers; yet {how_it_went(trace)}"
        raise fail("Availability", text, trace, 300)


def check_newest(protocol: type[Quorum]) -> None:
    """Reads return the newest version, whoever answers first and whatever the values are."""
    quiet = {"hand_off": False, "read_repair": False, "r": 3, "w": 2}
    calm = store(protocol, servers=3, **quiet)
    missed = calm.at(100, request("write", "x", 9, server="S2"))
    missed = missed.at(200, request("write", "x", 3, server="S1")).at(218, cut("S1", "S3"))
    for server in ("S1", "S3"):
        asked = missed.at(230, heal()).at(300, request("read", "x", client="B", server=server))
        trace = asked.run()
        if trace.operations[-1].result != 3:
            text = (
                "S1 and S2 hold version 2 of x, which is 3, S3 holds version 1, which is 9. B asks "
                f"{server} and reads {trace.operations[-1].result!r}"
            )
            raise fail("No stale reads", text, trace, 300)
    check_ties(protocol, calm)


def check_ties(protocol: type[Quorum], calm: Scenario) -> None:
    """Of two versions with one number all readers take the same."""
    tie = calm.at(100, request("write", "x", 7, server="S1"))
    tie = tie.at(100, request("write", "x", 8, client="B", server="S2"))
    tie = tie.at(118, cut("S2", "S3", one_way=True)).at(130, heal())
    for time, server in ((300, "S1"), (400, "S3"), (500, "S2")):
        tie = tie.at(time, request("read", "x", client="C", server=server))
    trace = tie.run()
    verdict = linearizable(trace.history())
    if not verdict.holds:
        got = ", ".join(repr(o.result) for o in trace.operations if o.process == "C")
        text = (
            "the writes of 7 at S1 and of 8 at S2 both got the number 1, so the servers' names "
            f"decide. C reads, one after the other, {got}"
        )
        raise fail("Linearizability", text, trace, 400)


# -- task 1.3: when a read may return --------------------------------------------------------------


def unfinished_write(protocol: type[Quorum], r: int = 2, w: int = 2) -> Scenario:
    """Three replicas. A's write of x = 1 reaches only S1, which from then on hears nothing of S3.
    B reads at S1, and later C at S3."""
    quiet = {"hand_off": False, "read_repair": False}
    scenario = write_to_some(store(protocol, servers=3, r=r, w=w, **quiet), 1)
    scenario = scenario.at(140, heal(), *[cut(a, b) for a, b in (("S1", "S3"), ("S2", "A"))])
    scenario = scenario.at(200, request("read", "x", client="B", server="S1"))
    return scenario.at(500, request("read", "x", client="C", server="S3"))


def check_may_return(protocol: type[Quorum]) -> None:
    """Whether reads make the store linearizable, at no more cost than that takes."""
    hold_written(protocol, "may_return")
    hold_returns(unfinished_write(protocol), may_return=bool)
    for r, w in ((2, 2), (1, 3), (3, 1)):
        trace = unfinished_write(protocol, r, w).run()
        if linearizable(trace.history()).holds is False:
            text = (
                f"R = {r}, W = {w}. A's write has reached S1 only, and is not answered. B reads 1 "
                "at S1. Then C reads 0 at S3: time runs backwards"
            )
            raise fail("Linearizability", text, trace, 200)
    scenario = store(protocol, servers=3).at(100, request("write", "x", 1, server="S1"))
    trace = scenario.at(300, request("read", "x", client="B", server="S2")).run()
    names = {type(f.message).__name__ for f in trace.messages if f.sent > 300_000}
    if "Put" in names:
        text = "all replicas agree that x is 1, and yet B's read writes it back before it returns"
        raise fail("One round trip too many", text, trace, 300)
    print("✓ 1.3 No read is ever undone by a later one, and where all agree it costs nothing.")
