"""What else must hold, beside properties and invariants, in a scenario that lets it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from consensus_lab.consistency.linearizable import linearizable
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


def leaders(trace: Trace) -> dict[str, int]:
    """Who leads in the end, and in which term."""
    return {n: f["current_term"] for n, f in final(trace).items() if f["role"] == "leader"}


def latest_term(trace: Trace) -> int:
    """The largest term that a server has in the end, be it up or down."""
    state = trace.state_after(len(trace.events))
    return int(max(fields["current_term"] for fields in state.values()))


def the_latest_term_has_a_leader(trace: Trace) -> bool:
    """Of all terms that were begun the last one was won."""
    return latest_term(trace) in leaders(trace).values()


def nobody_leads_an_older_term(trace: Trace) -> bool:
    """Who was deposed has heard of it in the end."""
    return set(leaders(trace).values()) <= {latest_term(trace)}


def all_others_follow(trace: Trace) -> bool:
    """In the end one leads, and no candidate is left."""
    roles = sorted(fields["role"] for fields in final(trace).values())
    return roles == ["follower", "follower", "leader"]


def s3_leads_term_2(trace: Trace) -> bool:
    """S3, and nobody else."""
    return leaders(trace) == {"S3": 2}


def the_logs_are_the_same(trace: Trace) -> bool:
    """In the end all servers hold the same entries."""
    return len({tuple(fields["log"]) for fields in final(trace).values()}) == 1


def told(trace: Trace, field: str) -> list[tuple[str | None, Any]]:
    """Each value that `field` of a server takes, with the server, in turn."""
    return [(e.who, e.changes[field]) for e in trace.events if field in e.changes]


def what_matched_stays_matched(trace: Trace) -> bool:
    """What a leader knows of a follower's log never shrinks while it leads."""
    known: dict[str | None, Mapping[str, int]] = {}
    for who, indexes in told(trace, "match_index"):
        before, known[who] = known.get(who, {}), indexes
        if any(indexes.get(name, index) < index for name, index in before.items()):
            return False
    return True


def nothing_known_is_offered(trace: Trace) -> bool:
    """A leader's next index for a follower is beyond what that is known to hold."""
    known: dict[str | None, Mapping[str, int]] = {}
    for event in trace.events:
        known[event.who] = event.changes.get("match_index", known.get(event.who, {}))
        offered = event.changes.get("next_index", {})
        if any(index <= known[event.who].get(name, 0) for name, index in offered.items()):
            return False
    return True


def linearizability(trace: Trace) -> bool:
    """What the clients were told fits into one order."""
    return linearizable(trace.history()).holds is True


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
        the_latest_term_has_a_leader,
        nobody_leads_an_older_term,
        all_others_follow,
        s3_leads_term_2,
        the_logs_are_the_same,
        what_matched_stays_matched,
        nothing_known_is_offered,
        linearizability,
    )
}


def broken_in(trace: Trace, promise: str = "") -> set[str]:
    """Which properties a run breaks; and this promise, if it is one and is broken."""
    kept = PROMISES.get(promise, lambda trace: True)(trace)
    found = {violation.property for violation in trace.violations}
    return found if kept else {*found, promise}
