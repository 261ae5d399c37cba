"""The map of models with a history on it: what holds, told by more than colour."""

from __future__ import annotations

from xml.etree import ElementTree

from consensus_lab.consistency.lattice import Position, strongest
from consensus_lab.history import parse
from consensus_lab.views import view
from consensus_lab.views.graph import WIDTHS

TWO_ORDERS = parse("""
P1:  [W(x,1)]
P2:  [W(x,2)]
P3:            [R(x)1]  [R(x)2]
P4:            [R(x)2]  [R(x)1]
""")
POSITION = strongest(TWO_ORDERS)


def elements(position: Position, tag: str) -> list[ElementTree.Element]:
    svg = view(position).still()
    return list(ElementTree.fromstring(svg).iter(f"{{http://www.w3.org/2000/svg}}{tag}"))


def test_every_model_is_on_the_map_with_its_answer() -> None:
    words = {element.text for element in elements(POSITION, "text")}
    assert {"★ ✓ causal memory", "✓ causal consistency", "✗ linearizability"} <= words
    assert len([word for word in words if word and word[0] in "✓✗★"]) == 11 + 3  # and the legend


def test_what_holds_and_what_does_not_differ_by_more_than_colour() -> None:
    boxes = elements(POSITION, "rect")
    dashes = {(box.get("stroke"), box.get("stroke-dasharray")) for box in boxes}
    outlines = {dash for stroke, dash in dashes if stroke not in (None, "#d0d5dd")}
    assert outlines == {None, "6 4"}


def test_undecided_is_dotted_and_has_a_question_mark() -> None:
    standing = {**POSITION.standing, "linearizable": None}
    undecided = Position(TWO_ORDERS, standing, POSITION.verdicts)
    assert "? linearizability" in [element.text for element in elements(undecided, "text")]
    assert "1.5 4" in [box.get("stroke-dasharray") for box in elements(undecided, "rect")]


def test_it_is_filled_in_as_the_models_are_checked() -> None:
    story = view(POSITION).story
    names = list(POSITION.standing)
    assert story["order"] == [names.index(name) for name in POSITION.verdicts]
    told = story["sentences"]
    assert told[1].startswith("Causal convergence does not hold. So sequential consistency cannot")
    assert told[2].startswith("Causal memory holds. So causal consistency, PRAM consistency, ")
    for picture in story["pictures"]:
        steps = {step for *_, step, _ in picture["parts"] if step is not None}
        assert steps == set(range(len(told)))


def test_pointing_at_a_model_says_why() -> None:
    told = view(POSITION).story["operations"]
    assert any(words.startswith("Causal convergence does not hold: CyclicCF") for words in told)
    assert "Causal consistency holds: implied by causal memory" in told
    assert any(words.startswith("Linearizability implies sequential") for words in told)


def test_it_is_laid_out_for_every_width_and_small() -> None:
    assert [picture["width"] for picture in view(POSITION).story["pictures"]] == list(WIDTHS)
    assert len(view(POSITION).still()) < 40_000


def test_the_words_are_those_of_the_position() -> None:
    assert view(POSITION).describe() == repr(POSITION)


def test_transactions_have_a_map_of_their_own() -> None:
    skew = parse("""
    A:  [R(x)0 R(y)0 W(x,1)]
    B:   [R(x)0 R(y)0 W(y,1)]
    """)
    words = [element.text for element in elements(strongest(skew), "text")]
    assert "★ ✓ snapshot isolation" in words
    assert "✗ serializability" in words
