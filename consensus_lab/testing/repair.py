"""Two logs that have grown apart, and how they meet again.

Ongaro, D. and Ousterhout, J. (2014): In Search of an Understandable Consensus Algorithm (Extended
Version), section 5.3 and Figure 7.
"""

from __future__ import annotations

from string import ascii_uppercase

from ..protocols.raft import BasicRaft
from ..simulation import Network, Scenario, Workload
from ..simulation.faults import heal, partition, request, timeout


def wrong_tail(protocol: type[BasicRaft], wrong: int = 4, seed: int = 1) -> Scenario:
    """S1, alone, takes `wrong` writes that nobody else gets; then it meets a log of other entries.

    The others are led by S2, which takes a write less, and then by S3. At 300 ms all is healed.
    """
    clients = ascii_uppercase[: 2 * wrong - 1]
    alone = partition(["S1"], ["S2", "S3"])
    quick, patient = Network(latency=(2, 4)), Workload(retry=500)
    scenario = Scenario(protocol, 3, seed, duration=450, network=quick, workload=patient)
    scenario = scenario.at(10, timeout("S1")).at(100, alone)
    for value, client in enumerate(clients[:wrong], start=1):
        scenario = scenario.at(110, request("write", "x", value, client=client, server="S1"))
    scenario = scenario.at(120, timeout("S2"))
    for value, client in enumerate(clients[wrong:], start=wrong + 1):
        scenario = scenario.at(150, request("write", "y", value, client=client, server="S2"))
    return scenario.at(250, timeout("S3")).at(300, heal())
