"""The checks of chapter 08: the traitors try all that they can, and must not win.

Lamport, L., Shostak, R. and Pease, M. (1982): The Byzantine Generals Problem, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

from ...protocols.byzantine import General, OralMessages, SignedMessage, SignedMessages
from ...protocols.byzantine.signatures import Keys
from ...protocols.byzantine.traitors import ORDERS
from ...protocols.node import Effects
from ...simulation import Scenario, Trace
from ...simulation.generals import generals
from ...simulation.worst_lies import every, fewest, spoken_by, told
from ..checks import CheckFailed
from ..hunt import Finding
from ..learner import hold_written, no_return

WORDS = (*ORDERS, None)

SEVEN = (
    (["S1", "S2"], {"S1>S6": "retreat", "S1>S7": "retreat", "S1>S2>S4": "retreat"}),
    (
        ["S1", "S2"],
        {
            "S1>S3": "retreat",
            "S1>S5": "retreat",
            "S1>S2>S4": "retreat",
            "S1>S2>S6": "retreat",
            "S1>S7>S2>S5": "retreat",
        },
    ),
    (
        ["S2", "S3"],
        {
            "S1>S3>S4": "retreat",
            "S1>S3>S5": "retreat",
            "S1>S3>S2>S7": "retreat",
            "S1>S4>S2>S7": "retreat",
            "S1>S5>S2>S7": "attack",
            "S1>S6>S2>S7": "attack",
        },
    ),
)
"""Two traitors among seven, with lies that have beaten generals who made a mistake."""


# -- what every check asks -----------------------------------------------------------------------


def hold_consistent(scenario: Scenario, why: str = "") -> None:
    """Raises CheckFailed, with the fewest lies, if IC1 or IC2 falls or a loyal general waits."""
    trace = scenario.run()
    if trace.violations:
        violation = trace.violations[0]
        if scenario.tuned.traitors:
            trace = fewest(scenario, scenario.tuned.lies)
            violation = trace.violations[0]
        fail(trace, f"{violation.property} is broken", violation.property, violation.text, why)
    state = trace.state_after(len(trace.events))
    for name in trace.servers:
        if name not in scenario.tuned.traitors and not isinstance(state[name]["decision"], str):
            decision = state[name]["decision"]
            told = f"{name} is loyal, and ends with {decision!r} as its decision"
            why += no_return(decision)
            fail(trace, "Termination is broken", "Termination", told, why.strip())


def fail(trace: Trace, what: str, property: str, text: str, why: str = "") -> None:
    """Raise CheckFailed with this run."""
    options = trace.scenario.tuned
    about = "" if options.traitors else " Nobody lied."
    if options.lies:
        about = f" The lies that did it: {dict(options.lies)}."
    finding = Finding(trace.scenario, trace, property, text, trace.duration / 1000)
    raise CheckFailed(f"{what}: {text}.{about}{' ' + why if why else ''}", finding)


def small_battles(protocol: type[General], *sizes: int) -> Iterator[Scenario]:
    """OM(1), with each traitor and all that it can say, silence included; and with none."""
    for n in sizes:
        names = [f"S{number}" for number in range(1, n + 1)]
        for order in ORDERS:
            yield generals(n, 1, order=order, protocol=protocol)
            for traitor in names if n < 5 else names[:2]:
                scenario = generals(n, 1, [traitor], order=order, protocol=protocol)
                for lies in every(spoken_by(scenario), WORDS):
                    yield told(scenario, lies)


def large_battles(protocol: type[General], count: int) -> Iterator[Scenario]:
    """OM(2) among seven: without lies, with those that have worked, and `count` at random."""
    yield generals(7, 2, protocol=protocol)
    for traitors, lies in SEVEN:
        yield generals(7, 2, traitors, lies, protocol=protocol)
    for seed in range(count):
        random = Random(seed)
        first = "S1" if seed % 2 else "S2"
        scenario = generals(7, 2, [first, "S5"], protocol=protocol)
        routes = spoken_by(scenario)
        yield told(scenario, {route: WORDS[int(3 * random.random())] for route in routes})


def hold_all(battles: Iterable[Scenario]) -> int:
    """How many battles there are; raises CheckFailed at the first that the loyal ones lose."""
    count = 0
    for scenario in battles:
        hold_consistent(scenario)
        count += 1
    return count


# -- the tasks -----------------------------------------------------------------------------------


def check_decide(protocol: type[OralMessages]) -> None:
    """Task 8.1: does a lieutenant decide as OM(1) says?"""
    hold_written(protocol, "decide")
    count = hold_all(small_battles(protocol, 4, 5))
    print(f"Task 8.1 is right: {count} battles of four and five, and no lie that works.")


def check_relay(protocol: type[OralMessages]) -> None:
    """Task 8.2: does everybody pass on what it heard, once to each who is to hear it?"""
    hold_written(protocol, "speak")
    count = hold_all([*small_battles(protocol, 4), *large_battles(protocol, 20)])
    for n, m, traitors in (4, 1, ["S2"]), (5, 2, ["S1"]), (7, 2, ["S3", "S4"]):
        lies = {"S1>S3": "retreat"} if "S1" in traitors else {}
        ours = generals(n, m, traitors, lies, protocol=protocol)
        hold_same_words(ours.run(), generals(n, m, traitors, lies).run())
    print(f"Task 8.2 is right: {count} battles, and in three each message was compared.")


def hold_same_words(trace: Trace, right: Trace) -> None:
    """Raises CheckFailed unless the same was said as in the run `right`."""
    said, wanted = words_of(trace), words_of(right)
    for each in wanted:
        if each not in said:
            fail(trace, "IC1 is at risk", "IC1", f"{in_words(each)}, but it did not say so")
    for each in said:
        if each not in wanted:
            fail(trace, "IC1 is at risk", "IC1", f"nobody was to say this: {in_words(each)}")
    if len(said) > len(wanted):
        twice = next(each for each in said if said.count(each) > 1)
        fail(trace, "IC1 is at risk", "IC1", f"{in_words(twice)}, but once is enough")


Word = tuple[tuple[str, ...], str, str]


def words_of(trace: Trace) -> list[Word]:
    """Path, receiver and value of each message."""
    return [(tuple(f.message.path), f.target, f.message.value) for f in trace.messages]


def in_words(word: Word) -> str:
    """ "in round 2 S3 is to tell S2: attack (along S1 > S3)"."""
    path, receiver, value = word
    way = " > ".join(path)
    return f"in round {len(path)} {path[-1]} tells {receiver} “{value}” along the path {way}"


def check_conclude(protocol: type[OralMessages]) -> None:
    """Task 8.3: does a lieutenant conclude from the leaves up, as OM(m) says?"""
    hold_written(protocol, "value_of")
    count = hold_all([*small_battles(protocol, 4, 5), *large_battles(protocol, 30)])
    print(f"Task 8.3 is right: {count} battles of four, five and seven, and no lie that works.")


def check_verify(protocol: type[SignedMessages]) -> None:
    """Task 8.4: does a general take what is properly signed, and throw away all else?"""
    hold_written(protocol, "what_is_wrong_with")

    def signed(*what: object) -> Scenario:
        return generals(*what, protocol=protocol)  # type: ignore[arg-type]

    for n, m in (3, 1), (4, 2), (5, 3):
        why = "All are loyal, and every signature is real: nothing is to be thrown away."
        hold_consistent(signed(n, m), why)
    hold_consistent(signed(3, 1, ["S3"], {"S1>S3>S2": "retreat"}), "S3 forged a signature of S1.")
    forged = signed(4, 2, ["S1", "S2"], {"S1>S4>S2>S3": "retreat"})
    hold_consistent(forged, "S2 forged a signature of S4, in the middle of a chain.")
    late = signed(3, 1, ["S1"], {"S1>S3@2": "retreat"})
    hold_consistent(late, "In round 2 came an order that nobody had passed on: it was held back.")
    twice = signed(3, 1, ["S1"], {"S1>S1>S3": "retreat"})
    hold_consistent(twice, "S1 signed twice, to make its order look passed on.")
    hold_consistent(impostor(protocol), "S3 signed an order of its own. Only S1 commands.")
    count = 0
    for n, m, traitors in (3, 1, ["S1"]), (3, 1, ["S3"]), (4, 1, ["S3"]):
        for lies in every(spoken_by(signed(n, m, traitors)), WORDS):
            hold_consistent(signed(n, m, traitors, lies))
            count += 1
    print(f"Task 8.4 is right: five forgers failed, and {count} other ways to lie.")


def impostor(protocol: type[SignedMessages]) -> Scenario:
    """S3 signs an order of its own, and sends it in round 1 as if it commanded."""

    class Impostor(protocol):  # type: ignore[misc, valid-type]
        def speak(self, out: Effects) -> None:
            super().speak(out)
            if self.name == "S3" and self.round == 1:
                keys = Keys(self.options.keys, ("S3",))
                out.send("S2", SignedMessage("retreat", ()).signed("S3", keys))

    Impostor.__name__ = Impostor.__qualname__ = protocol.__name__
    return generals(3, 1, ["S3"], protocol=Impostor)
