"""What a fault is: a value that can be written down, and read back, and that can happen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import ScenarioError
from .plain import tupled, written

if TYPE_CHECKING:
    from .world import World

IT = "it"
"""In a fault that waits for something: the server that did it; for a fault of a message: that."""


@dataclass(frozen=True)
class Fault:
    """Something that happens to the world at a time that the scenario sets."""

    kind: ClassVar[str]
    kinds: ClassVar[dict[str, type[Fault]]] = {}

    @property
    def orders(self) -> bool:
        """It orders a server to do something, which only some protocols understand."""
        return False

    def __init_subclass__(cls) -> None:
        cls.kind = cls.__name__.lower()
        if cls.strike is not Fault.strike:
            Fault.kinds[cls.kind] = cls

    def strike(self, world: World) -> None:
        """Happen, now."""
        raise NotImplementedError

    def names(self) -> Iterable[str]:
        """The servers, clients and roles that it speaks of."""
        return ()

    def clients(self) -> Iterable[str]:
        """The clients that it makes ask."""
        return ()

    def __str__(self) -> str:
        return self.kind

    def to_json(self) -> dict[str, Any]:
        """As plain data: the kind and its arguments."""
        return {"fault": self.kind, **written(self)}

    @staticmethod
    def from_json(data: Any) -> Fault:
        """The fault that `to_json` wrote. Raises ScenarioError for anything else."""
        if not isinstance(data, dict) or not isinstance(data.get("fault"), str):
            raise ScenarioError(
                f'A fault is an object like {{"fault": "crash", "server": "S1"}}, not {data!r}.'
            )
        kind = Fault.kinds.get(data["fault"])
        if kind is None:
            known = ", ".join(sorted(Fault.kinds))
            raise ScenarioError(f"There is no fault {data['fault']!r}. There are: {known}.")
        arguments = {key: kind.read(key, value) for key, value in data.items() if key != "fault"}
        expected = {item.name for item in fields(kind)}
        if set(arguments) - expected:
            unknown = ", ".join(sorted(set(arguments) - expected))
            takes = ", ".join(sorted(expected)) or "nothing"
            raise ScenarioError(f"The fault {kind.kind!r} takes {takes}, not {unknown}.")
        needed = [item.name for item in fields(kind) if item.default is MISSING]
        if missing := [name for name in needed if name not in arguments]:
            raise ScenarioError(f"The fault {kind.kind!r} lacks: {', '.join(missing)}.")
        return kind(**arguments)

    @staticmethod
    def read(name: str, value: Any) -> Any:
        """The value of the argument `name` from plain data."""
        return tupled(value)


@dataclass(frozen=True)
class ServerFault(Fault):
    """Something that happens to one server."""

    server: str

    def names(self) -> Iterable[str]:
        return (self.server,)
