"""A chart says in words what it shows."""

from __future__ import annotations

import pytest

from consensus_lab.errors import ConsensusLabError
from consensus_lab.views.charts import histogram, line_chart, share_chart, time_chart


def test_a_chart_says_the_median_and_the_ends() -> None:
    assert repr(time_chart({"wide": [170.0, 180.0, 260.0]}, until=500)) == (
        "time to elect a leader:\nwide: median 180 ms, quickest 170 ms, slowest 260 ms"
    )


def test_what_never_happened_is_counted() -> None:
    words = repr(time_chart({"close": [170.0, None, None], "none": [None]}, until=500))
    assert "close: quickest 170 ms, slowest 170 ms, never in 2 of 3 runs" in words
    assert "none: never in 1 runs" in words


def test_the_median_counts_what_never_happened_as_late() -> None:
    words = repr(time_chart({"": [100.0, 200.0, None]}, until=500))
    assert "median 200 ms" in words


def test_a_chart_is_a_png_beside_its_words() -> None:
    data, _ = time_chart({"wide": [170.0]}, until=500)._repr_mimebundle_()
    assert sorted(data) == ["image/png", "text/plain"]


@pytest.mark.parametrize("times", [{}, {"empty": []}])
def test_nothing_to_draw_is_said_in_a_sentence(times: dict[str, list[float | None]]) -> None:
    with pytest.raises(ConsensusLabError, match="at least one time"):
        time_chart(times, until=500)


def test_a_histogram_tells_how_far_the_tail_reaches() -> None:
    times = [0.0] * 50 + [7.25] * 49 + [3400.0]
    assert repr(histogram({"calm": times}, "window")) == (
        "window:\ncalm: 100 times, half within 0 ms, 99% within 7.25 ms, the longest 3.4 s"
    )


def test_a_histogram_counts_what_never_ended_as_longest() -> None:
    assert repr(histogram({"": [1.0, None]})).endswith("the longest never")


def test_every_time_is_in_one_bar() -> None:
    chart = histogram({"": [0.0, 0.5, 1.0, 9999.0, 10_000.0, 1e9]})
    heights = [bar.get_height() for bar in chart.figure.axes[0].patches]
    assert [height for height in heights if height] == [2, 1, 1, 2]


def test_a_histogram_is_a_png_beside_its_words() -> None:
    data, _ = histogram({"": [1.0, None]})._repr_mimebundle_()
    assert sorted(data) == ["image/png", "text/plain"]


def test_an_empty_histogram_is_said_in_a_sentence() -> None:
    with pytest.raises(ConsensusLabError, match="at least one time"):
        histogram({})


def test_a_line_chart_says_how_high_each_line_went() -> None:
    lines = {"up": [(0.0, 1.0), (10.0, 5.0)], "down": [(0.0, 7.0), (10.0, 2.0)]}
    assert repr(line_chart(lines, "entries", limit=("too many", 6))) == (
        "entries:\nup: ends at 5, highest 5 at 10\ndown: ends at 2, highest 7 at 0"
    )


def test_a_line_chart_is_a_png_beside_its_words() -> None:
    data, _ = line_chart({"up": [(0.0, 1.0)]}, "entries")._repr_mimebundle_()
    assert sorted(data) == ["image/png", "text/plain"]


def test_an_empty_line_chart_is_said_in_a_sentence() -> None:
    with pytest.raises(ConsensusLabError, match="at least one point"):
        line_chart({"none": []}, "entries")


# ---- shares ----

SOME = {"a": [100.0, 200.0, 300.0, None], "b": [50.0] * 10, "c": [None, None]}


def test_a_share_chart_says_by_when_half_and_nine_of_ten_had_come_so_far() -> None:
    assert repr(share_chart(SOME, until=400)).splitlines() == [
        "% have elected a leader:",
        "a: half by 200 ms, never in 1 of 4 runs",
        "b: half by 50 ms, 90% by 50 ms, all by 50 ms",
        "c: never in 2 of 2 runs",
    ]


def test_a_share_chart_has_a_curve_for_each_setting_that_ends_at_its_share() -> None:
    [axes] = share_chart(SOME, until=400).figure.axes
    assert [line.get_ydata()[-1] for line in axes.lines] == [75, 100, 0]
    assert len({(line.get_color(), line.get_linestyle()) for line in axes.lines}) == 3


def test_a_share_chart_of_nothing_is_told_in_a_sentence() -> None:
    with pytest.raises(ConsensusLabError, match="at least one time"):
        share_chart({}, until=400)


@pytest.mark.parametrize(("last", "words"), [(None, ["never"]), (90.0, [])])
def test_the_column_for_what_never_happened_is_there_only_if_something_is_in_it(
    last: float | None, words: list[str]
) -> None:
    chart = time_chart({"a": [10.0, last]}, 100)
    assert [label.get_text() for label in chart.figure.axes[0].texts] == words
