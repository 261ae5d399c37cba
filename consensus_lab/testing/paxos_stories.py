"""Stories of Paxos: scenarios in which nothing is left to chance.

Chapter 09 tells them, and the checks of its exercise play them with a learner's class. A proposer
that is asked at 50 ms has its promises at 82, and its value is chosen at 104. In the stories of a
log nobody prepares a ballot but when its timer is fired.
"""

from __future__ import annotations

from typing import Any

from ..protocols.node import Node
from ..simulation import DiskModel, Network, Scenario, Workload
from ..simulation.fault import Fault
from ..simulation.faults import (
    crash,
    cut,
    drop,
    heal,
    partition,
    request,
    restart,
    timeout,
    weather,
)
from ..simulation.triggers import sends

ALONE: dict[str, Any] = {"patience": 5000, "back_off": (5000, 5000)}
"""Nobody tries again by itself."""


def stage(
    protocol: type[Node], servers: int = 3, disk: float = 1, duration: float = 400, **options: Any
) -> Scenario:
    """Messages take 10 ms and disks `disk` ms; clients ask once."""
    return Scenario(
        protocol,
        servers=servers,
        duration=duration,
        network=Network(latency=(10, 10)),
        disk=DiskModel((disk, disk)),
        workload=Workload(retry=10_000, patience=9_000),
        options=options,
    )


def propose(value: Any, server: str) -> Fault:
    """A client proposes `value` at `server`: client A does at S1, B at S2, and so on."""
    client = chr(ord("A") + int(server[1:]) - 1)
    return request("propose", None, value, client=client, server=server)


def apart(protocol: type[Node]) -> Scenario:
    """S1 and S3 do not hear each other. S1 proposes 4; S2 makes its majority."""
    return stage(protocol, **ALONE).at(0, cut("S1", "S3")).at(50, propose(4, "S1"))


def rivals(protocol: type[Node]) -> Scenario:
    """S2 promises S1's ballot and then S3's; then it is asked to accept S1's 4, and then S3's 7."""
    return apart(protocol).at(55, propose(7, "S3"))


def amnesia(protocol: type[Node]) -> Scenario:
    """As `rivals`; but after its promises S2 crashes, and is back before it is asked to accept."""
    return rivals(protocol).at(80, crash("S2")).at(85, restart("S2"))


def forgets_a_vote(protocol: type[Node]) -> Scenario:
    """4 is chosen by S1 and S2. S2 crashes and comes back. Then S3 proposes 7."""
    return late(protocol).at(110, crash("S2")).at(120, restart("S2"))


def late(protocol: type[Node]) -> Scenario:
    """When 4 is chosen, S3, which heard nothing of it, proposes 7."""
    return apart(protocol).at(150, propose(7, "S3"))


def three_ballots(
    protocol: type[Node], values: tuple[Any, Any, Any] = (4, 7, 9), both: bool = False
) -> Scenario:
    """Of five servers only S1 accepts 4. S3, S4 and S5 choose 7. S2 asks, and hears of both.

    With `both`, S2 has accepted 4, too. `values` are what S1, S5 and S2 propose, instead.
    """
    begun = stage(protocol, servers=5, **ALONE).at(0, partition(["S1", "S2", "S3"], ["S4", "S5"]))
    begun = begun.at(50, propose(values[0], "S1"))
    old = [["S1", "S2"]] if both else [["S1"], ["S2"]]
    begun = begun.at(90, heal(), partition(*old, ["S3", "S4", "S5"]))
    begun = begun.at(100, propose(values[1], "S5"))
    begun = begun.at(160, heal(), partition(["S1", "S2", "S3"], ["S4", "S5"]))
    return begun.at(170, propose(values[2], "S2"))


def newest_first(protocol: type[Node]) -> Scenario:
    """Only S5 accepts 4. S1, S2 and S3 choose 7. S4 asks, and hears of 7 before it hears of 4."""
    begun = stage(protocol, servers=5, **ALONE).at(0, partition(["S3", "S4", "S5"], ["S1", "S2"]))
    begun = begun.at(50, propose(4, "S5"))
    begun = begun.at(90, heal(), partition(["S5"], ["S4"], ["S1", "S2", "S3"]))
    begun = begun.at(100, propose(7, "S1")).at(140, timeout("S1", "proposal"))
    begun = begun.at(200, heal(), partition(["S3", "S4", "S5"], ["S1", "S2"]))
    return begun.at(210, propose(9, "S4"))


def never_asked(protocol: type[Node]) -> Scenario:
    """S2 is asked to accept 7 by S3, whose Prepare it never got. Then comes S1's older 4."""
    begun = stage(protocol, **ALONE).when(sends("Prepare", by="S1", to="S3"), drop("it"))
    begun = begun.at(0, cut("S3", "S2", one_way=True)).at(50, propose(4, "S1"))
    begun = begun.at(58, propose(7, "S3"))
    begun = begun.at(81.5, weather(latency=(60, 60))).at(83.5, weather(latency=(10, 10)))
    begun = begun.at(90, heal(), cut("S3", "S1", one_way=True)).at(160, cut("S1", "S3"))
    return begun.at(180, timeout("S1", "proposal"))


def lost_question(protocol: type[Node]) -> Scenario:
    """S3 is asked to accept, but never was asked to promise; S2, which has promised, is gone."""
    begun = stage(protocol, **ALONE).at(0, cut("S1", "S3", one_way=True))
    return begun.at(50, propose(4, "S1")).at(80, crash("S2"), heal())


def split(protocol: type[Node]) -> Scenario:
    """S1 accepts 4 and S3 accepts 7, and the third server is gone before it accepts anything."""
    begun = stage(protocol, duration=1500).at(0, cut("S1", "S3"))
    begun = begun.at(50, propose(4, "S1")).at(55, propose(7, "S3"))
    return begun.at(85, crash("S2")).at(100, heal())


def halves(protocol: type[Node], **options: Any) -> Scenario:
    """Four servers in two halves; a value is proposed in each."""
    begun = stage(protocol, servers=4, **{**ALONE, **options})
    begun = begun.at(0, partition(["S1", "S2"], ["S3", "S4"]))
    return begun.at(50, propose(4, "S1"), propose(7, "S3"))


def duel(protocol: type[Node], back_off: tuple[float, float] = (0, 0), gap: float = 27) -> Scenario:
    """S1 proposes 4, and `gap` ms later S3 proposes 7; who is refused waits for `back_off` ms."""
    begun = stage(protocol, disk=5, duration=3000, back_off=back_off)
    return begun.at(50, propose(4, "S1")).at(50 + gap, propose(7, "S3"))


# -- a log -----------------------------------------------------------------------------------------


def led(protocol: type[Node]) -> Scenario:
    """S1 leads three servers, under ballot 1.S1."""
    quiet = stage(protocol, duration=600, election_timeout=(50_000, 60_000))
    return quiet.at(0, timeout("S1"))


def write(key: str, value: Any, server: str, client: str = "A") -> Fault:
    """A client writes at `server`, and asks no other."""
    return request("write", key, value, client=client, server=server)


def hole(protocol: type[Node]) -> Scenario:
    """Slot 1 is lost on its way, slot 2 is accepted by all. S1 crashes, and S2 is to lead."""
    begun = led(protocol).at(175, write("x", 4, "S1"))
    begun = begun.at(180, cut("S1", "S2"), cut("S1", "S3"), write("y", 7, "S1", "B"))
    return begun.at(190, heal()).at(213, crash("S1")).at(300, timeout("S2"))


def away(protocol: type[Node]) -> Scenario:
    """Two slots are chosen while S3 is away. S1 crashes, S3 comes back, and is to lead."""
    begun = led(protocol).at(100, crash("S3"))
    begun = begun.at(150, write("x", 4, "S1")).at(160, write("x", 7, "S1", "B"))
    begun = begun.at(215, crash("S1")).at(250, restart("S3")).at(260, timeout("S3"))
    return begun.at(330, write("x", 9, "S3", "C"))


def two_votes(protocol: type[Node]) -> Scenario:
    """Slot 1 has x = 4 at S1; later x = 7 is chosen at S2 and S3. Then S1 is to lead again."""
    begun = led(protocol).at(175, write("x", 4, "S1")).at(180, cut("S1", "S2"), cut("S1", "S3"))
    begun = begun.at(188, crash("S1")).at(195, heal()).at(200, timeout("S2"))
    begun = begun.at(240, write("x", 7, "S2", "B")).at(310, crash("S2"))
    return begun.at(320, restart("S1")).at(330, timeout("S1")).at(380, timeout("S1"))
