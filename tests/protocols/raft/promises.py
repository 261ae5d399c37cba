"""What else must hold, beside the five properties of Figure 3, in a scenario that lets it."""

from __future__ import annotations

from itertools import pairwise

from consensus_lab.protocols.raft.configuration import Configuration
from consensus_lab.simulation import Trace


def final(trace: Trace):
    """The fields of the servers that run in the end."""
    state = trace.state_after(len(trace.events))
    return {name: fields for name, fields in state.items() if fields["status"] == "up"}


def somebody_leads(trace: Trace) -> bool:
    """In the end there is a leader."""
    return any(fields["role"] == "leader" for fields in final(trace).values())


def the_leader_stays(trace: Trace) -> bool:
    """Only one server ever led, in one term, and it still does."""
    elected = [event.who for event in trace.events if event.changes.get("role") == "leader"]
    return len(elected) == 1 and final(trace).get(elected[0] or "", {}).get("role") == "leader"


def only_one_leads(trace: Trace) -> bool:
    """In the end nobody believes to lead who does not."""
    return [fields["role"] for fields in final(trace).values()].count("leader") == 1


def the_successor_leads(trace: Trace) -> bool:
    """In the end S2 leads."""
    return final(trace)["S2"]["role"] == "leader"


def the_members_catch_up(trace: Trace) -> bool:
    """In the end all servers vote, by the log of every one."""
    known = [fields.get("configuration") for fields in final(trace).values()]
    return all(one is not None and one.voters == trace.servers for one in known)


def clients_are_answered(trace: Trace) -> bool:
    """No request is without an answer."""
    return all(operation.outcome == "ok" for operation in trace.operations)


def a_change_stands_once_in_the_log(trace: Trace) -> bool:
    """No log holds the same configuration twice in a row."""
    logs = [fields["log"] for fields in final(trace).values()]
    changes = [[e.command for e in log if isinstance(e.command, Configuration)] for log in logs]
    return all(a != b for log in changes for a, b in pairwise(log))


PROMISES = {
    function.__name__.replace("_", " "): function
    for function in (
        somebody_leads,
        the_leader_stays,
        only_one_leads,
        the_successor_leads,
        the_members_catch_up,
        clients_are_answered,
        a_change_stands_once_in_the_log,
    )
}


def breaks(trace: Trace, name: str) -> bool:
    """Whether this property, or this promise, is broken in a run."""
    if name in PROMISES:
        return not PROMISES[name](trace)
    return any(violation.property == name for violation in trace.violations)
