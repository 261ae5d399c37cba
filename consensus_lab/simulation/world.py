"""A world in virtual time: servers, clients, a network and faults. It knows no protocol.

Everything that is to happen lies in one queue, ordered by time and then by who came first. The
world takes the next thing, lets the node react, carries out what the node asked for, and writes
down what changed. Nothing else moves, so the same scenario gives the same trace, to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Any

from ..errors import HandlerError, ScenarioError, without_traceback
from ..garbage import no_garbage_collection
from ..protocols.node import ClientRequest, Node, Property, call
from .blame import blame
from .client import Client
from .clock import microseconds
from .guard import Endless, guard
from .network import Link, Links
from .server import Server
from .trace import KEYFRAME, Event, Flight, Trace, Violation
from .waiting import Happening, Waiting

if TYPE_CHECKING:
    from .faults import Fault
    from .scenario import Scenario


DISK = ("disk",)

new_tuple = tuple.__new__
"""A NamedTuple's own constructor takes twice as long, and a run makes many."""


class Concerned(dict[tuple[str, ...], list[Property]]):
    """The properties that are concerned when fields change: those that depend on one of them."""

    def __init__(self, watchers: Iterable[Property] = ()) -> None:
        self.watchers = list(watchers)

    def __missing__(self, changed: tuple[str, ...]) -> list[Property]:
        found = [one for one in self.watchers if not one.fields.isdisjoint(changed)]
        self[changed] = found
        return found

    def without(self, watcher: Property) -> Concerned:
        """All but one, which need not be asked any more."""
        return Concerned(one for one in self.watchers if one is not watcher)


class World:
    """One run of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.now = 0
        self.queue: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self.turns = count()
        self.names = scenario.server_names
        self.network = scenario.network
        self.links = Links(scenario.seed)
        self.clients = {name: Client(name, self) for name in scenario.client_names}
        self.servers: dict[str, Server] = {}
        self.nodes: dict[str, Node] = {}
        self.concerned = Concerned()
        self.waiting = Waiting(self)
        self.values = count(1)
        self.trace = Trace(
            scenario, self.names, tuple(self.clients), tuple(scenario.tailored.durable)
        )

    def run(self, until: float | None = None) -> Trace:
        """Let it all happen; or what happens up to the time `until` (ms), and the rest when it is
        called again. Returns the trace so far.

        Raises HandlerError, with the trace so far, if a handler fails.
        """
        last = microseconds(self.scenario.duration)
        end = last if until is None else min(microseconds(until), last)
        queue, events, stop = self.queue, self.trace.events, 0
        try:
            with guard(lambda: len(events)), no_garbage_collection():
                if not self.servers:
                    self.prepare()
                while queue and queue[0][0] <= end:
                    self.now, _, happen, arguments = heappop(queue)
                    happen(*arguments)
                    if len(events) > stop:
                        stop = self.look_back()
                self.now = end
                if end == last:
                    self.waiting.end()
        except (NotImplementedError, ScenarioError) as known:
            raise without_traceback(known) from None  # it says itself what is to be done
        except (Exception, Endless) as error:
            raise self.failed(error) from None
        self.trace.duration = end
        self.trace.state_after(len(events))
        return self.trace

    def look_back(self) -> int:
        """Make the keyframes that are due, so that no question waits for them: now, while their
        events are in the processor's cache. Returns after how many events to do so again.

        Raises HandlerError if there is no end of events.
        """
        count, most = len(self.trace.events), self.scenario.most_events
        if count > most:
            raise HandlerError(
                f"there are more than {most:,} events: does each message cause another?"
            )
        self.trace.state_after(count)
        return min(count + KEYFRAME, most)

    def prepare(self) -> None:
        """Put into the queue what the scenario says: faults early, so that they win ties."""
        self.concerned = Concerned(self.scenario.tailored.properties())
        self.servers.update((name, Server(name, self)) for name in self.names)
        for server in self.servers.values():
            self.push(0, self.start, (server,))
        for time, fault in self.scenario.faults:
            self.push(microseconds(time), self.strike, (fault,))
        for client in self.clients.values():
            client.start()

    def push(self, time: int, happen: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        """Let `happen` be called at `time` (µs)."""
        heappush(self.queue, (time, next(self.turns), happen, arguments))

    def record(self, kind: str, who: str | None, detail: Any = None, **more: Any) -> None:
        """Write an event into the trace."""
        self.trace.events.append(Event(self.now, kind, who, detail, **more))

    # -- servers -------------------------------------------------------------------------------

    def start(self, server: Server) -> None:
        """A server boots."""
        self.nodes[server.name] = server.node
        for name, value in server.disk.content.items():
            server.pending[f"disk.{name}"] = value
        server.set_status("up")
        self.step(server, "start", None, "on_start")

    def ring(self, server: Server, name: str, alarm: int) -> None:
        """The time `alarm` has come, at which a timer is due, unless it was set anew since."""
        if server.alarms.get(name) == alarm:
            del server.alarms[name]
            due = server.timers[name][1] if name in server.timers else 0
            if due > self.now:
                server.set_alarm(name, due)
            elif due:
                self.fire(server, name, server.timers[name])

    def fire(self, server: Server, name: str, timer: tuple[int, int]) -> None:
        """A timer fires, unless it was set anew or cancelled while the server was paused."""
        if server.status == "paused":
            server.parked.append((self.fire, (server, name, timer)))
        elif server.timers.get(name) is timer:
            del server.timers[name]
            server.pending["timers"] = server.timers
            self.step(server, "timer", name, "on_timer", name)

    def synced(self, server: Server) -> None:
        """The oldest save is on disk: what waited for it may leave."""
        if server.status == "paused":
            server.parked.append((self.synced, (server,)))
            return
        if not server.disk.pending or server.disk.pending[0].due > self.now:
            return  # it was lost in a crash
        before, save = server.disk.content, server.disk.sync()
        server.tell_disk(before)
        self.step(server, "synced", save.begun, "on_saved", save.durable, waited=save.waiting)

    def deliver(self, number: int, flight: Flight, link: Link | None) -> None:
        """A message is due. While its server is paused it waits there, for the server alone: it has
        no `link` any more that could be cut.
        """
        if flight.fate != "flying":
            return
        server = self.servers.get(flight.target)
        if link and link.cut:
            flight.fate = "cut"
        elif not server:
            flight.fate = "delivered"
            self.clients[flight.target].hear(number, flight.source, flight.message)
        elif server.status == "up":
            flight.fate = "delivered"
            handler = "on_request" if type(flight.message) is ClientRequest else "on_message"
            self.step(server, "deliver", number, handler, flight.message)
        elif server.status == "paused":
            server.parked.append((self.deliver, (number, flight, None)))
        else:
            flight.fate = "down"

    def step(
        self,
        server: Server,
        kind: str,
        detail: Any,
        handler: str,
        *arguments: Any,
        waited: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """Let a node react, write down what changed, and carry out what it asks for.

        `waited` are messages that may leave now, before those that it sends.
        """
        name, node, disk = server.name, server.node, server.disk
        sends: list[tuple[str, Any]] = []
        sent: list[int] = []
        notes: list[str] = []
        server.sends = sends
        server.notes = notes
        call(node, handler, (*arguments, server))
        changes = server.changes()
        if saving := server.saving:
            server.begin_save()
        if disk.pending and (save := disk.held_by()):
            save.waiting += sends
            sends = []
        leaving = [*waited, *sends] if waited else sends
        told = server.told(changes) if server.pending else changes
        # An empty list each, for as long as the trace lives, would be a tenth of all memory.
        event = (self.now, kind, name, detail, told, sent if leaving else (), notes or ())
        self.trace.events.append(new_tuple(Event, event))
        if told and (watchers := self.concerned[tuple(told)]):
            self.watch(watchers, name, told)
        if not disk.pending and (changes or kind == "synced") and (on_disk := self.concerned[DISK]):
            self.watch(on_disk, name, {"disk": disk.content})
        if self.waiting.armed:
            self.waiting.heed_step(name, kind, detail, changes, saving)
            self.waiting.send(server, node, leaving, sent)
        else:
            for to, message in leaving:
                sent.append(self.transmit(name, to, message))

    def watch(self, watchers: Iterable[Property], changed: str, changes: Mapping[str, Any]) -> None:
        """See whether these properties still hold. Each is reported once, where it first breaks."""
        index = len(self.trace.events) - 1
        for watcher in watchers:
            text = watcher.watch(self.nodes, changed, changes)
            if text is not None:
                self.concerned = self.concerned.without(watcher)
                self.trace.violations.append(Violation(self.now, index, watcher.name, text))
                self.record("violation", None, {"property": watcher.name, "text": text})

    # -- faults that wait for something ----------------------------------------------------------

    def is_called(self, place: str | None, name: str | None) -> bool:
        """`name` means that place: it is its name, or the role that it plays now, or None."""
        if name is None or name == place:
            return True
        return place in self.servers and self.servers[place].node.role == name

    # -- the network ---------------------------------------------------------------------------

    def transmit(self, source: str, target: str, message: Any) -> int:
        """Put a message on its way. Returns its number in the trace."""
        now, network, messages = self.now, self.network, self.trace.messages
        first = len(messages)
        link = self.links[source, target]
        left = now + link.queue(message, network.bandwidth, now) if network.bandwidth else now
        for delay in link.delays(network):
            due = left + delay
            flight = Flight(source, target, now, message, due)
            if link.cut:
                flight.fate = "cut"
            elif network.loss and link.loses(network):
                flight.fate = "lost"
            else:
                what = (len(messages), flight, link)
                heappush(self.queue, (due, next(self.turns), self.deliver, what))
            messages.append(flight)
        return first

    def set_links(self, links: Iterable[tuple[str, str]], cut: bool, text: str) -> None:
        """Cut or heal links, and tell which are cut now."""
        for way in links:
            self.links[way].cut = cut
        self.fault(text, cut=sorted(way for way, link in self.links.items() if link.cut))

    # -- faults --------------------------------------------------------------------------------

    def strike(self, fault: Fault) -> None:
        """A fault happens."""
        fault.strike(self)

    def fault(self, text: str, **more: Any) -> None:
        """Write down what happened to the network, in words and otherwise."""
        self.record("fault", None, {"text": text, **more})

    def find(self, name: str, fault: Fault, *among: str) -> str | None:
        """The server (or client) that `name` means: its own name, or the role that it plays now.

        With `among` given, only servers of such a status count. When there is none, the trace says
        so, and None is returned.
        """
        if name in self.clients:
            return name
        if name in self.servers:
            status = self.servers[name].status
            if not among or status in among:
                return name
            self.fault(f"{fault.kind} {name}: it is {status}, so nothing happens")
            return None
        playing = [
            (node.precedence(), server)
            for server, node in self.nodes.items()
            if node.role == name and (not among or self.servers[server].status in among)
        ]
        if playing:
            return max(playing)[1]
        self.fault(f"{fault.kind} {name}: there is none now, so nothing happens")
        return None

    def crash(self, name: str) -> None:
        """Stop a server: its memory is gone."""
        server = self.servers[name]
        server.stop()
        self.nodes.pop(name, None)
        self.change_status(server, "down", "crash")
        self.waiting.heed(Happening("crashes", name))
        for happen, arguments in server.unpark():
            happen(*arguments)  # too late for it: a message finds it down

    def restart(self, name: str) -> None:
        """Boot a crashed server."""
        server = self.servers[name]
        self.record("restart", name)
        server.reboot()
        self.start(server)

    def wipe(self, name: str) -> None:
        """Boot a crashed server with an empty disk."""
        self.fault(f"{name} is a new machine now, with an empty disk")
        self.servers[name].wipe()
        self.restart(name)

    def pause(self, name: str) -> None:
        """Let a server stand still."""
        self.change_status(self.servers[name], "paused", "pause")

    def resume(self, name: str) -> None:
        """Let a paused server take up what waited, in the order in which it came."""
        server = self.servers[name]
        self.change_status(server, "up", "resume")
        for happen, arguments in server.unpark():
            self.push(self.now, happen, arguments)

    def change_status(self, server: Server, status: str, kind: str) -> None:
        """Note a server's new status as an event of its own."""
        server.status = status
        changes = server.told({"status": status, "timers": dict(server.timers)})
        self.record(kind, server.name, changes=changes)

    def slow_disk(self, name: str, sync: float) -> None:
        """Let a server's disk take `sync` ms a write."""
        self.servers[name].disk.model = replace(self.servers[name].disk.model, sync=(sync, sync))
        self.fault(f"the disk of {name} now takes {sync:g} ms a write")

    def fire_now(self, name: str, timer: str) -> None:
        """Let a timer fire at once."""
        server = self.servers[name]
        if timer in server.timers:
            self.fire(server, timer, server.timers[timer])
        else:
            self.fault(f"timeout {name}: its timer {timer!r} is not set, so nothing happens")

    def order(self, name: str, what: str, argument: Any) -> None:
        """Let a node react to an order."""
        self.step(self.servers[name], "order", what, f"on_{what}", argument)

    # -- clients -------------------------------------------------------------------------------

    def home_of(self, process: str) -> str:
        """The client that goes under the name `process` (A.2 is A, after a request it lost)."""
        return process if process in self.clients else process.rsplit(".", 1)[0]

    # -- failures of a learner's code ------------------------------------------------------------

    def failed(self, error: BaseException) -> HandlerError:
        """The sentence for an exception out of a handler, with the run so far."""
        told = blame(error, self)
        self.record("error", None, str(told))
        self.trace.duration = self.now
        told.trace = self.trace
        return told
