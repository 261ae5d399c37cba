"""How long it takes to load a history of a million operations. It must be what was saved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from consensus_lab.files import load
from consensus_lab.history import History

from .linearizability import register
from .table import Row, forget_peak, peak, timed

COUNT, CLIENTS = 1_000_000, 10


def made() -> History:
    """Reads and writes of one register, all of them answered."""
    renamed = {f"C{number}": f"P{number}" for number in range(CLIENTS)}
    operations = register(Random(1), COUNT, CLIENTS, 0)
    for o in operations:
        object.__setattr__(o, "process", renamed[o.process])  # as Jepsen's processes are called
    return History(operations, ticks_per_ms=1_000_000)


def as_edn(history: History) -> Iterator[str]:
    """The same as Jepsen writes it, a line for each question and each answer."""
    events = []
    for o in history:
        asked = "nil" if o.kind == "read" else o.args[0]
        told = o.result if o.kind == "read" else asked
        events.append((o.start, 1, o, "invoke", asked))
        events.append((o.end or 0, 0, o, "ok", told))
    events.sort(key=lambda event: event[:2])
    for index, (time, _, o, type, value) in enumerate(events):
        yield (
            f"{{:type :{type}, :f :{o.kind}, :value {value}, :process {o.process[1:]}, "
            f":time {time}, :index {index}}}\n"
        )


def rows() -> Iterator[Row]:
    """The rows of the table."""
    with TemporaryDirectory() as folder:
        history = made()
        answer = len(history), len({(o.key, o.args) for o in history})
        plain, edn = Path(folder, "history.jsonl"), Path(folder, "history.edn")
        history.save(plain)
        with edn.open("w", encoding="utf-8") as file:
            file.writelines(as_edn(history))
        del history
        for name, path in (("JSON Lines", plain), ("Jepsen's EDN", edn)):
            forget_peak()
            loaded, spent = timed(load, path)
            if (len(loaded), len({(o.key, o.args) for o in loaded})) != answer:
                raise SystemExit(f"Wrong: {path} was not read as it was written")
            size = os.path.getsize(path) / 1e6
            told = f"{size:,.0f} MB: right"
            yield Row(f"loading {COUNT:,} operations, {name}", [spent], "s", None, told, peak())
            del loaded
