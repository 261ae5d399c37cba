"""The tests of the MIT lab run with as many seeds as the option --seeds says."""

from __future__ import annotations

from zlib import crc32

import pytest

from .trouble import TROUBLES, Case


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`case`: as in the lab, and with trouble that the lab never makes.

    One seed is for every day: each test has one kind of trouble then, and all kinds have their
    tests. With more seeds each test has all kinds.
    """
    if "case" not in metafunc.fixturenames:
        return
    seeds = range(metafunc.config.getoption("--seeds"))
    turn = crc32(metafunc.function.__name__.encode()) % len(TROUBLES)
    troubles = TROUBLES if len(seeds) > 1 else TROUBLES[turn : turn + 1]
    cases = [Case(seed, trouble) for trouble in ("lab", *troubles) for seed in seeds]
    metafunc.parametrize("case", cases, ids=str)
