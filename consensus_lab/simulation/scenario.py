"""A scenario is a value: who takes part, under what conditions, and what goes wrong when.

The same scenario gives the same trace, to the byte. Two scenarios whose faults are the same up to
some time give the same trace up to that time: that is what makes "what if I did this here?" a fair
question.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from ..errors import ScenarioError
from ..protocols import PROTOCOLS, Node
from ..protocols.shown import Shown
from .checks import instance, like, number, some_of, whole
from .disk import DiskModel
from .faults import IT, Fault, Request, ServerFault
from .network import Network
from .plain import tupled, written
from .trace import Trace
from .triggers import Trigger, When
from .workload import Workload
from .world import World

FORMAT, VERSION = "consensus-lab-scenario", 1
MOST_SERVERS = 99
ROLES = ("leader", "follower", "candidate", "proposer")
MODELS = {"network": Network, "disk": DiskModel, "workload": Workload}


@dataclass(frozen=True)
class Scenario:
    """Run `protocol` on `servers` servers (S1, S2, …) and `clients` clients (A, B, …).

    `seed` decides all that is left to chance. `duration` is in ms of virtual time. `options` tunes
    the protocol, such as {"heartbeat_interval": 400}. `network`, `disk` and `workload` say how
    those behave. `faults` are pairs of a time in ms and what happens then; `at` adds to them.

    Raises ScenarioError for a server, an option or a value that makes no sense.
    """

    protocol: type[Node]
    servers: int = 5
    seed: int = 0
    clients: int = 0
    duration: float = 3000
    options: Mapping[str, Any] = field(default_factory=dict)
    network: Network = field(default_factory=Network)
    disk: DiskModel = field(default_factory=DiskModel)
    workload: Workload = field(default_factory=Workload)
    faults: tuple[tuple[float, Fault], ...] = ()

    def __post_init__(self) -> None:
        if not (isinstance(self.protocol, type) and issubclass(self.protocol, Node)):
            raise ScenarioError(
                f"A protocol is a subclass of Node, such as Raft; not {self.protocol!r}."
            )
        instance(f"{self.protocol.__name__}.shown", self.protocol.shown, Shown)
        whole("servers", self.servers, 1, MOST_SERVERS)
        whole("clients", self.clients, 0, 26)
        whole("seed", self.seed)
        number("duration", self.duration)
        for name, kind in MODELS.items():
            instance(name, getattr(self, name), kind)
        instance("options", self.options, Mapping)
        tuples = {name: tupled(value) for name, value in self.options.items()}
        object.__setattr__(self, "options", tuples)
        for time, fault in self.faults:
            self.check(time, fault)
        self.protocol.check_options(self.tuned, self.server_names)

    def at(self, time: float, *faults: Fault) -> Scenario:
        """The same scenario in which also `faults` happen, in this order, at `time` (ms)."""
        number("the time of a fault", time)
        added = self.faults + tuple((time, fault) for fault in faults)
        return replace(self, faults=tuple(sorted(added, key=lambda item: item[0])))

    def when(
        self,
        trigger: Trigger,
        *faults: Fault,
        after: float = 0,
        nth: int = 1,
        times: int | None = 1,
        since: float = 0,
    ) -> Scenario:
        """The same scenario in which also `faults` happen `after` ms after the trigger.

            .when(becomes("leader"), crash("it"), after=20)

        In the faults "it" is the server that did what the trigger says. It is waited for from
        `since` (ms) on, and the `nth` time counts; from there on so many `times`, None: always.
        """
        return self.at(since, *(When(trigger, fault, after, nth, times) for fault in faults))

    def run(self, duration: float | None = None) -> Trace:
        """Let it happen, for `duration` ms if given. Returns the trace.

        Raises HandlerError when a handler of the protocol fails; the error's `trace` holds the run
        up to that moment.
        """
        scenario = self if duration is None else replace(self, duration=duration)
        return World(scenario).run()

    # -- what follows from the values ------------------------------------------------------------

    @cached_property
    def server_names(self) -> tuple[str, ...]:
        """S1, S2, …"""
        return tuple(f"S{n}" for n in range(1, self.servers + 1))

    @cached_property
    def working_clients(self) -> tuple[str, ...]:
        """A, B, …: those that follow the workload."""
        return tuple(chr(ord("A") + n) for n in range(self.clients))

    @cached_property
    def client_names(self) -> tuple[str, ...]:
        """All that ask: those that follow the workload, and those that faults speak for."""
        asked = {client for _, fault in self.faults for client in fault.clients()}
        return tuple(sorted(asked | set(self.working_clients)))

    @cached_property
    def gives_orders(self) -> bool:
        """Some server is ordered to do something, such as to hand its leadership over."""
        return any(fault.orders for _, fault in self.faults)

    @cached_property
    def tailored(self) -> type[Node]:
        """The class whose instances run: the protocol, as its options want it."""
        return self.protocol.tailored(self.tuned, self.gives_orders)

    @cached_property
    def tuned(self) -> Any:
        """The protocol's options with this scenario's values."""
        options = self.protocol.options
        known = {item.name: item.type for item in fields(options)} if is_dataclass(options) else {}
        for name, value in self.options.items():
            if known.get(name) in (int, "int"):
                whole(f"the option {name}", value, 0)
            elif name in known and getattr(options, name) == ():
                some_of(f"the option {name}", value, self.server_names)
            elif name in known:
                like(f"the option {name}", value, getattr(options, name))
            else:
                told = f"It has: {', '.join(known)}." if known else "It has none."
                raise ScenarioError(f"{self.protocol.__name__} has no option {name!r}. {told}")
        return replace(options, **self.options) if self.options else options

    @property
    def most_events(self) -> int:
        """Far more events than a protocol that settles can cause. Storms are stopped."""
        return int(100_000 + 20 * self.duration * max(1, self.servers))

    def check(self, time: float, fault: Fault, *also: str) -> None:
        """Raises ScenarioError if `fault` at `time` cannot be meant. `also`: more names to know."""
        if not isinstance(fault, Fault):
            raise ScenarioError(f'.at({time}, …) takes faults such as crash("S1"), not {fault!r}.')
        number("the time of a fault", time)
        if isinstance(fault, When):
            self.check(time, fault.then, IT)
        clients = "" if isinstance(fault, ServerFault | Request) else ascii_uppercase
        for name in fault.names():
            if name not in (*self.server_names, *clients, *ROLES, self.protocol.role, *also):
                raise ScenarioError(
                    f"{fault.kind} at {time} ms: there is no server {name!r}. "
                    f'There are {", ".join(self.server_names)}, or a role such as "leader".'
                )

    # -- files -----------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """As plain data, for a small file that people can share."""
        data: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "protocol": self.protocol.__name__,
        }
        for name in ("servers", "seed", "clients", "duration"):
            data[name] = getattr(self, name)
        data["options"] = dict(self.options)
        for name in MODELS:
            data[name] = written(getattr(self, name))
        data["faults"] = [{"at": time, **fault.to_json()} for time, fault in self.faults]
        return data

    @staticmethod
    def from_json(data: Any, protocol: type[Node] | None = None) -> Scenario:
        """The scenario that `to_json` wrote. `protocol` is the class to run, if it is a learner's
        own.

        Raises ScenarioError for a newer version, an unknown protocol, or anything that does not
        fit.
        """
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ScenarioError(f'This is no scenario: it lacks "format": "{FORMAT}".')
        version = data.get("version")
        if not isinstance(version, int) or version < 1:
            raise ScenarioError(f'"version" is a whole number from 1 on, not {version!r}.')
        if version > VERSION:
            raise ScenarioError(
                f"The scenario has version {version}; this package reads up to {VERSION}. "
                "Update consensus-lab to run it."
            )
        values = {
            key: value
            for key, value in data.items()
            if key not in ("format", "version", "protocol")
        }
        known = {item.name for item in fields(Scenario)}
        if set(values) - known:
            raise ScenarioError(f"A scenario has no {', '.join(sorted(set(values) - known))}.")
        chosen = protocol or PROTOCOLS.get(str(data.get("protocol")))
        if chosen is None:
            raise ScenarioError(
                f"The scenario runs {data.get('protocol')!r}; known are {', '.join(PROTOCOLS)}. "
                "Hand its class over: Scenario.load(file, protocol=MyRaft)."
            )
        for name, kind in MODELS.items():
            if name in values:
                values[name] = built(name, kind, values[name])
        values["faults"] = tuple(timed(item) for item in listed("faults", values.get("faults", [])))
        return Scenario(chosen, **values)

    def save(self, path: str | Path) -> None:
        """Write it to a file."""
        Path(path).write_text(
            json.dumps(self.to_json(), indent=1, ensure_ascii=False) + "\n", "utf-8"
        )

    @staticmethod
    def load(path: str | Path, protocol: type[Node] | None = None) -> Scenario:
        """Read it from a file. Raises ScenarioError that names the file when it cannot be."""
        try:
            data = json.loads(Path(path).read_bytes())
        except (ValueError, RecursionError) as error:
            raise ScenarioError(f"{path} is not JSON: {error}.") from None
        try:
            return Scenario.from_json(data, protocol)
        except ScenarioError as error:
            raise ScenarioError(f"{path}: {error}") from None


def listed(name: str, value: Any) -> list[Any]:
    """`value`, if it is a list. Raises ScenarioError otherwise."""
    if not isinstance(value, list):
        raise ScenarioError(f'"{name}" is a list, not {value!r}.')
    return value


def timed(item: Any) -> tuple[float, Fault]:
    """A fault and its time from plain data."""
    if not isinstance(item, dict) or "at" not in item:
        raise ScenarioError(f'Each fault has a time: {{"at": 800, "fault": …}}, not {item!r}.')
    return item["at"], Fault.from_json({key: value for key, value in item.items() if key != "at"})


def built(name: str, kind: type, value: Any) -> Any:
    """An instance of the dataclass `kind` from plain data."""
    known = [item.name for item in fields(kind)]
    if not isinstance(value, dict) or set(value) - set(known):
        raise ScenarioError(f'"{name}" is an object with {", ".join(known)}; not {value!r}.')
    return kind(**{key: tupled(item) for key, item in value.items()})
