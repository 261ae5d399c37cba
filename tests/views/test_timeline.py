"""The still timeline, its text alternative, and the layout that the live view shares."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.consistency.verdict import Verdict, Witness
from consensus_lab.history import History, Operation, parse
from consensus_lab.views.assets import STATIC
from consensus_lab.views.lanes import BAR, Lanes
from consensus_lab.views.picture import PALETTE, text_width, wrap
from consensus_lab.views.story import Story, operation_in_words
from consensus_lab.views.timeline import (
    LIMIT,
    WIDTHS,
    TimelineView,
    closer_widths,
    compose,
    to_json,
)
from consensus_lab.views.timescale import TimeScale

from ..hash_seeds import printed

NOTES = parse("""
P1:                 [W(x,4)]                [R(y)2]
P2:  [W(y,2)]                   [R(x)0]
""")
WY, WX, RX, RY = NOTES


def sequential_verdict() -> Verdict:
    witness = Witness((WY, RX, WX, RY), timed=False)
    return Verdict("sequential consistency", True, NOTES, witness, None, "That order explains all.")


def stale_verdict() -> Verdict:
    culprits = NOTES.only([WX, RX])
    words = "The write of 4 was answered before the read began."
    return Verdict("linearizability", False, NOTES, None, culprits, words)


@st.composite
def explained(draw: st.DrawFn) -> Verdict:
    """A linearizable history with its witness: moments are chosen first, intervals around them."""
    processes = draw(st.integers(1, 4))
    free = [0] * processes
    values: dict[str, int] = {}
    order = []
    moment = 0
    for number in range(draw(st.integers(1, 25))):
        process = draw(st.integers(0, processes - 1))
        moment = max(moment, free[process]) + draw(st.integers(0, 2000))
        start = draw(st.integers(free[process], moment))
        end = moment + draw(st.integers(0, 2000))
        free[process] = end + 1
        key = draw(st.sampled_from("xy"))
        name = f"P{process + 1}"
        if draw(st.booleans()):
            values[key] = number
            order.append(Operation(name, "write", key, (number,), None, start, end))
        else:
            order.append(Operation(name, "read", key, (), values.get(key, 0), start, end))
    history = History(order, ticks_per_ms=1000)
    return Verdict("linearizability", True, history, Witness(order, timed=True), None, "It holds.")


def busy_history(operations: int, stale_after_ms: int = 0) -> tuple[History, list[Operation]]:
    """Ten clients, each with an operation of 3 ms every 5 ms; at the end a stale read of key k."""
    made = []
    for number in range(operations):
        start = number // 10 * 5000 + number % 10 * 300
        made.append(
            Operation(
                f"C{number % 10}", "write", f"k{number % 3}", (number,), None, start, start + 3000
            )
        )
    first, second = made[3], made[33]
    start = made[-1].start + 1000 * stale_after_ms + 4000
    stale = Operation("R", "read", first.key, (), first.args[0], start, start + 2000, server="S2")
    return History([*made, stale], ticks_per_ms=1000), [first, second, stale]


def story(thing: History | Verdict) -> Story:
    return Story.of(thing, LIMIT)


def texts(svg: str) -> list[str]:
    return [t.text or "" for t in ElementTree.fromstring(svg).iter() if t.tag.endswith("text")]


# ---- time ----


@given(st.sets(st.integers(0, 10**8), min_size=1, max_size=30), st.integers(1, 5000))
def test_later_is_never_further_left(times: set[int], duration: int) -> None:
    scale = TimeScale.fit(times, [duration], 50, 900)
    pixels = [scale(time) for time in sorted(times)]
    assert pixels == sorted(pixels)
    assert pixels[0] >= 50
    assert pixels[-1] <= 900.001


@given(st.sets(st.integers(0, 10**8), min_size=1, max_size=30), st.integers(1, 5000))
def test_stretches_of_the_axis_lie_end_to_end(times: set[int], duration: int) -> None:
    stretches = TimeScale.fit(times, [duration], 50, 900).stretches
    for before, after in pairwise(stretches):
        assert before.end == after.start
        assert before.right == pytest.approx(after.left)
        assert before.cut != after.cut
    assert stretches[-1].right == pytest.approx(900)


def test_nothing_is_cut_out_of_a_history_without_long_waits() -> None:
    lanes = Lanes.of(story(NOTES), 960, 40)
    assert lanes.scale.cuts == []


def test_a_wait_of_seconds_is_cut_out_and_its_length_written_there() -> None:
    history, culprits = busy_history(100, stale_after_ms=9000)
    verdict = Verdict("linearizability", False, history, None, History(culprits), "Stale.")
    svg = TimelineView(verdict).still()
    assert "⋯ 9.0 s ⋯" in texts(svg)


def test_axis_labels_are_round_and_do_not_crowd() -> None:
    labels = TimeScale.fit(range(0, 33_000, 500), [3000], 50, 900).labels(1000)
    assert [ms for _, ms in labels] == [0, 5, 10, 15, 20, 25, 30]


# ---- bars ----


@given(explained())
def test_bars_span_their_intervals_and_never_overlap_in_a_row(verdict: Verdict) -> None:
    lanes = Lanes.of(story(verdict), 760, 40)
    for bar in lanes.bars:
        assert bar.x == pytest.approx(lanes.scale(bar.operation.start))
        assert bar.width >= 3
    for a in lanes.bars:
        for b in lanes.bars:
            if a.y == b.y and a.x < b.x and b.x - a.x > 3:
                assert a.right <= b.x + 0.01


def test_a_client_under_a_new_name_stays_in_its_lane() -> None:
    history = parse("P1:  [W(x,1)\nP1':            [R(x)1]\nP2:        [R(x)1]")
    lanes = Lanes.of(story(history), 760, 40)
    assert [lane.name for lane in lanes.lanes] == ["P1", "P2"]
    lost, again = (bar for bar in lanes.bars if bar.operation.process.startswith("P1"))
    assert again.y > lost.y + BAR
    assert again.y < lanes.lanes[0].bottom


def test_an_operation_without_an_answer_is_dashed_and_reaches_the_end() -> None:
    history = parse("P1:  [W(x,1)\nP2:        [R(x)1]")
    lanes = Lanes.of(story(history), 760, 40)
    lost = lanes.bars[0]
    assert lost.right == lanes.right
    assert "stroke-dasharray" in lost.box().attributes
    assert "stroke-dasharray" not in lanes.bars[1].box().attributes


def test_a_failed_operation_is_crossed_out() -> None:
    builder = History.builder()
    builder.fail(builder.invoke("P1", "write", "x", 1, at=0), at=9)
    svg = TimelineView(builder.build()).still()
    assert "crossed out: failed" in texts(svg)
    assert len(re.findall(r'<path d="M[^"]* L[^"]* M[^"]* L', svg)) == 1


@given(explained())
def test_a_label_inside_its_bar_fits(verdict: Verdict) -> None:
    for bar in Lanes.of(story(verdict), 560, 40).bars:
        if bar.label and not bar.above:
            assert text_width(bar.label) <= max(bar.width, 14)


# ---- verdicts ----


@given(explained())
def test_each_point_lies_in_its_bar_and_none_before_the_last(verdict: Verdict) -> None:
    told = story(verdict)
    lanes = Lanes.of(told, 760, 40)
    dots = [part for part in compose(told, 760).parts if part.tag == "circle"]
    places = [float(dot.attributes["cx"]) for dot in dots]
    assert len(dots) == len(told.order)
    assert places == sorted(places)
    for place, index in zip(places, told.order, strict=True):
        bar = lanes.bars[index]
        assert bar.x - 0.01 <= place <= bar.right + 0.01


def test_every_step_of_a_witness_says_what_the_object_then_holds() -> None:
    assert story(sequential_verdict()).sentences == (
        "P2 writes 2 to y: y is now 2.",
        "P2 reads x and gets 0: x is 0.",
        "P1 writes 4 to x: x is now 4.",
        "P1 reads y and gets 2: y is 2.",
    )
    assert "x=4, y=2" in texts(TimelineView(sequential_verdict()).still())


def test_a_sequential_witness_lines_the_operations_up_in_its_order() -> None:
    told = story(sequential_verdict())
    parts = compose(told, 960).parts
    cards = [p for p in parts if p.tag == "rect" and p.operation is not None and "x" in p.begin]
    assert [card.operation for card in cards] == list(told.order)
    assert [card.step for card in cards] == [0, 1, 2, 3]
    assert len({card.attributes["y"] for card in cards}) == 1
    places = [float(card.attributes["x"]) for card in cards]
    assert places == sorted(places)


def test_a_card_begins_where_its_bar_is() -> None:
    told = story(sequential_verdict())
    bars = Lanes.of(told, 960, 40).bars
    for card in compose(told, 960).parts:
        if card.tag == "rect" and card.operation is not None and "x" in card.begin:
            bar = bars[card.operation]
            assert card.begin == {"x": bar.x, "y": bar.y, "width": bar.width}


def test_a_counterexample_is_outlined_and_crossed_and_the_rest_dimmed() -> None:
    told = story(stale_verdict())
    parts = compose(told, 960).parts
    outlined = {
        p.operation for p in parts if p.tag == "rect" and p.attributes.get("stroke") == "bad"
    }
    dimmed = {p.operation for p in parts if p.begin == {"opacity": 1} and p.step == 0}
    crosses = [p for p in parts if p.tag == "circle" and p.attributes["fill"] == "bad"]
    assert outlined == set(told.accused) == {1, 2}
    assert dimmed == {0, 3}
    assert len(crosses) == 2


def test_the_conflict_of_a_stale_read_is_an_arrow_from_the_write_to_the_read() -> None:
    told = story(stale_verdict())
    write, read = (Lanes.of(told, 960, 40).bars[index] for index in told.accused)
    arrows = [p for p in compose(told, 960).parts if p.tag == "path" and p.step == 2]
    assert f"M{write.right:.1f} {write.y + BAR / 2:.1f}" in str(arrows[0].attributes["d"])
    assert f"{read.y + BAR / 2:.1f}" in str(arrows[0].attributes["d"]).split()[-1]


def test_undecided_is_said_and_nothing_is_marked() -> None:
    verdict = Verdict("linearizability", None, NOTES, None, None, "The budget was spent.")
    view = TimelineView(verdict)
    words = texts(view.still())
    assert "? Linearizability: undecided" in words
    assert "The budget was spent." in words
    assert not any("✓" in word or "✗" in word for word in words)


def test_a_queue_is_shown_with_what_it_holds() -> None:
    add = Operation("P1", "enqueue", "q", (7,), None, 0, 9)
    take = Operation("P2", "dequeue", "q", (), 7, 10, 19)
    history = History([add, take])
    verdict = Verdict("linearizability", True, history, Witness((add, take), timed=True), None, "")
    assert [dict(state) for state in story(verdict).accounts[0].states] == [{"q": (7,)}, {"q": ()}]


def test_an_object_of_another_kind_is_shown_without_values() -> None:
    add = Operation("P1", "shuffle", "q", (7,), None, 0, 9)
    take = Operation("P2", "deal", "q", (), 7, 10, 19)
    history = History([add, take])
    verdict = Verdict("linearizability", True, history, Witness((add, take), timed=True), None, "")
    assert story(verdict).accounts[0].states == ()
    assert not any(word.endswith("=") for word in texts(TimelineView(verdict).still()))


# ---- long histories ----


def test_of_a_long_history_the_neighbourhood_of_the_counterexample_is_shown() -> None:
    history, culprits = busy_history(5000)
    verdict = Verdict("linearizability", False, history, None, History(culprits), "Stale.")
    told = story(verdict)
    assert set(culprits) <= set(told.operations)
    assert len(told.operations) <= LIMIT
    assert {operation.key for operation in told.operations} == {culprits[0].key}
    left_out = len(history) - len(told.operations)
    assert f"{left_out:,} others are left out" in told.left_out


def test_of_a_long_history_without_a_counterexample_the_beginning_is_shown() -> None:
    history, _ = busy_history(300)
    told = story(history)
    assert told.operations == history.operations[:LIMIT]
    assert f"{301 - LIMIT} later ones are left out" in told.left_out


def test_a_short_history_is_shown_whole() -> None:
    assert story(NOTES).operations == NOTES.operations
    assert story(NOTES).left_out == ""


# ---- the still and the words ----


def test_the_still_has_the_same_bytes_under_any_hash_seed() -> None:
    script = (
        "from consensus_lab.history import parse; from consensus_lab.views.timeline import *;"
        "print(TimelineView(parse('P1: [W(x,1)]\\nP2:   [R(x)1] [C(x,1,2)]')).still())"
    )
    assert len(printed(script)) == 1


def test_the_still_uses_no_styles_classes_or_named_colours() -> None:
    for verdict in (sequential_verdict(), stale_verdict()):
        svg = TimelineView(verdict).still()
        for element in ElementTree.fromstring(svg).iter():
            assert not {"class", "style", "id"} & set(element.attrib)
            for name in ("fill", "stroke"):
                assert element.get(name, "none") == "none" or element.attrib[name].startswith("#")


def test_the_still_of_a_full_picture_stays_under_40_kilobytes() -> None:
    history, _ = busy_history(3000)
    order = history.operations[:-1]
    for model in ("linearizability", "sequential consistency"):
        witness = Witness(order, timed=model == "linearizability")
        verdict = Verdict(model, True, history, witness, None, "It holds.")
        assert len(TimelineView(verdict).still().encode()) < 40_000


def test_the_text_alternative_has_the_drawing_and_the_reason() -> None:
    words = TimelineView(stale_verdict()).describe()
    assert str(NOTES) in words
    assert "Linearizability does not hold" in words
    assert "answered before the read began" in words


def test_the_output_carries_text_still_and_image_beside_the_live_view() -> None:
    bundle = TimelineView(NOTES)._repr_mimebundle_()
    assert bundle is not None
    assert {"text/plain", "text/html", "image/svg+xml"} <= set(bundle[0])


def test_words_of_an_operation_name_process_value_times_and_server() -> None:
    read = Operation("P1", "read", "x", (), 4, 3200, 8400, server="S2")
    words = operation_in_words(read, History([read], ticks_per_ms=1000))
    assert words == "P1 reads x and gets 4, 3.2–8.4 ms (5.2 ms); S2 answered"


def test_words_of_a_lost_operation_say_that_it_may_still_happen() -> None:
    lost = Operation("P1", "write", "x", (4,), None, 3, None, "unknown")
    assert "may have happened at any later time, or never" in operation_in_words(
        lost, History([lost])
    )


@given(st.text(st.sampled_from("ab mW "), max_size=200))
def test_wrapping_keeps_the_words_and_the_width(words: str) -> None:
    lines = wrap(words, 100)
    assert " ".join(lines).split() == words.split()
    for row in lines:
        assert text_width(row) <= 100 or " " not in row


def test_the_live_view_gets_a_picture_for_each_width_and_a_sentence_for_each_operation() -> None:
    data = to_json(story(stale_verdict()))
    assert [picture["width"] for picture in data["pictures"]] == list(WIDTHS)
    assert len(data["operations"]) == 4
    assert len(data["sentences"]) == 3


def test_each_named_colour_has_a_light_and_a_dark_value_in_the_stylesheet() -> None:
    css = (STATIC / "timeline.css").read_text("utf-8")
    script = (STATIC / "moving.js").read_text("utf-8")
    for name, value in PALETTE.items():
        assert len(re.findall(rf"--tl-{name}: #", css)) == 2
        assert f"--tl-{name}: {value.lower()};" in css
        assert f'"{name}"' in script


def test_closer_pictures_are_made_only_until_a_usual_bar_has_room_for_its_label() -> None:
    crowd = History(
        Operation("P", "write", "x", (n,), None, 20 * n, 20 * n + 10) for n in range(30)
    )
    assert closer_widths(story(parse("A: [W(x,1)] [R(x)1]"))) == []
    assert closer_widths(story(crowd)) == [1920, 3840]
