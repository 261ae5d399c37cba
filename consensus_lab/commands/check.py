"""Check whether a recorded history keeps to a consistency model, and say why.

    consensus-lab check history.edn --model linearizable --object cas-register
    consensus-lab check history.jsonl --model strongest

Exit status: 0 it holds, 1 it does not, 2 the input is bad, 3 undecided.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import fill, indent
from typing import Any

from ..consistency.lattice import (
    MODELS,
    Position,
    check,
    kinds_of,
    specification_for,
    strongest,
)
from ..consistency.objects import OBJECTS, Counter
from ..consistency.specification import KeyValue, Register, Specification
from ..consistency.verdict import Verdict
from ..errors import ConsensusLabError
from ..files import FORMATS, guess, read
from ..files.json_lines import row
from ..files.source import Source
from ..history import History

STATUS = {True: 0, False: 1, None: 3}
SIGN = {True: "✓", False: "✗", None: "?"}
PICTURES = (".svg", ".html")
ALIASES = {
    "cas-register": ("register",),
    "key-value": ("register", "list", "text"),
    "list-append": ("list",),
}
"""Other names of objects: the first of these that can have answered so."""
UNTOLD = object()
WIDTH = 90


def options(parser: argparse.ArgumentParser) -> None:
    """What the command is told."""

    def add(name: str, help: str, choices: Sequence[str] = (), **more: Any) -> None:
        if choices:
            help = f"{help}: {', '.join(choices)}"
            more |= {"choices": choices, "metavar": name.strip("-").upper()}
        parser.add_argument(name, help=help, **more)

    add("file", "the history; - is standard input", metavar="FILE")
    add(
        "--model",
        "what to check (default: linearizable); strongest says where the history stands",
        (*MODELS, "strongest"),
        default="linearizable",
    )
    add("--object", "what was used (default: guessed)", (*OBJECTS, *ALIASES))
    add(
        "--initial",
        "what a register holds at first, as JSON (default: 0; null in Jepsen's formats)",
        metavar="VALUE",
        type=_json,
        default=UNTOLD,
    )
    add("--format", "of the file (default: guessed)", tuple(FORMATS))
    add("--budget", "how much to search before it is undecided", metavar="N", type=_positive)
    add("--json", "print the verdict as JSON", action="store_true")
    add(
        "--picture",
        "draw it, as a still (.svg) or a moving page (.html)",
        metavar="FILE",
        type=_picture,
    )


def _json(text: str) -> Any:
    try:
        value = json.loads(text)
        hash(value)
    except (ValueError, TypeError):
        expected = "a number, a text in quotes, true, false or null"
        raise argparse.ArgumentTypeError(f"expected {expected}, not {text!r}") from None
    return value


def _positive(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, not {text!r}")
    return int(text)


def _picture(text: str) -> Path:
    path = Path(text)
    if path.suffix not in PICTURES:
        expected = " or ".join(PICTURES)
        raise argparse.ArgumentTypeError(f"expected a name that ends in {expected}, not {text!r}")
    return path


def run(options: argparse.Namespace) -> int:
    """Read, check, tell, draw."""
    source = Source.at(Path(options.file))
    format = options.format or guess(source.text)
    history = read(source, format)
    if options.object == "counter":
        history = _as_increments(history)
    specification = _specification(history, options, format)
    found: Verdict | Position
    if options.model == "strongest":
        found = strongest(history, specification, options.budget)
        holds = None if None in found.standing.values() else True
    else:
        found = check(history, options.model, specification, options.budget)
        holds = found.holds
    if options.json:
        about = {"file": source.name, "format": format, "model": options.model}
        print(json.dumps({**about, **_as_json(found)}, default=_plain))
    else:
        print(_words(found))
    if options.picture:
        _draw(found, options.picture)
    return STATUS[holds]


def _as_increments(history: History) -> History:
    """Jepsen's counters are told to add; here a set is, and a counter is incremented."""
    renamed = (replace(o, kind="increment") if o.kind == "add" else o for o in history)
    return History(renamed, history.ticks_per_ms, history.marks, history.processes)


def _specification(
    history: History, options: argparse.Namespace, format: str
) -> Specification | None:
    """What the object promises; None for transactions."""
    if "txn" in kinds_of(history):
        return None
    names = ALIASES.get(options.object, (options.object,)) if options.object else tuple(OBJECTS)
    specification = OBJECTS[names[0]]() if len(names) == 1 else specification_for(history, names)
    initial = options.initial
    if initial is UNTOLD:
        initial = None if format in ("edn", "jepsen-log") else 0
    elif not isinstance(specification, Register | Counter):
        raise ConsensusLabError(
            "--initial is for registers and counters: other objects begin empty"
        )
    if isinstance(specification, Register):
        return KeyValue(initial)
    if isinstance(specification, Counter) and initial is not None:
        return Counter(initial)
    return specification


# ---- the answer ----


def _words(found: Verdict | Position) -> str:
    """What was found, for people."""
    if isinstance(found, Position):
        return str(found)
    head, _, why = str(found).partition(". ")
    parts = [f"{SIGN[found.holds]} {head.rstrip('.')}.", fill(why, WIDTH)]
    if found.counterexample is not None:
        parts.append(indent(str(found.counterexample), "    "))
    return "\n\n".join(part for part in parts if part.strip())


def _as_json(found: Verdict | Position) -> dict[str, Any]:
    """What was found, for programs."""
    if isinstance(found, Position):
        anomalies = {name: v.anomaly for name, v in found.verdicts.items() if v.anomaly}
        return {
            "operations": len(found.history),
            "strongest": found.strongest,
            "holds": found.standing,
            "anomalies": anomalies,
        }
    impossible = found.counterexample
    return {
        "operations": len(found.history),
        "holds": found.holds,
        "anomaly": found.anomaly or None,
        "explanation": found.explanation,
        "counterexample": None if impossible is None else list(map(row, impossible)),
        "cycle": [
            {"from": str(a), "to": str(b), "relation": relation, "reason": reason}
            for a, b, relation, reason in found.cycle
        ],
    }


def _plain(value: Any) -> Any:
    """What JSON has no form for: a set as a sorted list, all else as its text."""
    return sorted(value, key=str) if isinstance(value, frozenset) else str(value)


def _draw(found: Verdict | Position, path: Path) -> None:
    """Write the picture or the page."""
    from ..views import view
    from ..views.page import page

    live = view(found)
    try:
        path.write_text(live.still() if path.suffix == ".svg" else page(live), encoding="utf-8")
    except OSError as error:
        raise ConsensusLabError(f"{path} cannot be written: {error.strerror}") from None
