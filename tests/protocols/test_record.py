"""Records behave as frozen dataclasses with slots do."""

from __future__ import annotations

import pickle
from copy import deepcopy
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from inspect import signature

import pytest

from consensus_lab.protocols.record import record


@record
class Ask:
    """A question."""

    who: str
    term: int = 0


@record
class AskAgain(Ask):
    times: int = 2


@record
class Store:
    """Where each has its own beginning."""

    name: str
    data: dict[str, int] = field(default_factory=dict)
    term: int = 0


@dataclass(frozen=True, slots=True)
class Plain:
    """The same, made by the standard library."""

    who: str
    term: int = 0


def test_arguments_come_by_place_by_name_or_by_default():
    assert Ask("S1", 3) == Ask(term=3, who="S1")
    assert Ask("S1").term == 0


def test_a_default_that_could_change_is_made_anew():
    one, other = Store("S1"), Store("S2", term=3)
    assert (one.data, other.data, one.term, other.term) == ({}, {}, 0, 3)
    assert one.data is not other.data
    assert Store("S1", {"x": 1}) == replace(one, data={"x": 1})


def test_it_shows_compares_and_hashes_by_its_fields():
    assert repr(Ask("S1", 3)) == "Ask(who='S1', term=3)"
    assert Ask("S1") != Ask("S2")
    assert len({Ask("S1"), Ask("S1")}) == 1


@pytest.mark.parametrize("field", ["who", "nothing"])
def test_nothing_in_it_can_be_changed(field):
    with pytest.raises((FrozenInstanceError, TypeError)):
        setattr(Ask("S1"), field, "S2")


def test_it_has_no_room_for_more():
    assert not hasattr(Ask("S1"), "__dict__")


def test_a_subclass_has_the_fields_of_both():
    again = AskAgain("S1", 1, 5)
    assert (again.who, again.term, again.times) == ("S1", 1, 5)
    assert [item.name for item in fields(again)] == ["who", "term", "times"]


@pytest.mark.parametrize(
    "copied", [deepcopy, lambda it: pickle.loads(pickle.dumps(it)), lambda it: replace(it, term=4)]
)
def test_it_can_be_copied(copied):
    assert copied(Ask("S1", 4)) == Ask("S1", 4)


def test_it_is_called_as_a_dataclass_is_and_complains_alike():
    assert signature(Ask) == signature(Plain)
    complaints = []
    for kind in (Ask, Plain):
        with pytest.raises(TypeError) as error:
            kind()
        complaints.append(str(error.value).replace("Plain", "Ask"))
    assert complaints[0] == complaints[1]
