"""Write a scenario as a page of its own, which plays without Jupyter and without a network.

    consensus-lab page scenario.json -o election.html
    consensus-lab page scenario.json --at 400 -o election.html

The file is what Scenario.save wrote. Exit status: 0 it is written, 2 the input is bad.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import ConsensusLabError, ScenarioError
from ..simulation.scenario import Scenario


def options(parser: argparse.ArgumentParser) -> None:
    """What the command is told."""
    parser.add_argument("scenario", help="the scenario's JSON file", type=Path, metavar="SCENARIO")
    parser.add_argument("-o", "--output", help="the page", type=Path, required=True, metavar="FILE")
    parser.add_argument("--at", help="open at this time, in ms", type=float, metavar="MS")


def run(chosen: argparse.Namespace) -> int:
    """Run the scenario and write the page. Raises ConsensusLabError if either cannot be done."""
    from ..views import view
    from ..views.page import page

    try:
        scenario = Scenario.load(chosen.scenario)
    except OSError as error:
        raise ScenarioError(f"{chosen.scenario} cannot be read: {error.strerror}") from None
    text = page(view(scenario, at=chosen.at))
    try:
        chosen.output.write_text(text, "utf-8")
    except OSError as error:
        raise ConsensusLabError(f"{chosen.output} cannot be written: {error.strerror}") from None
    return 0
