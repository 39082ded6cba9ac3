"""Guards what is summed once: the sums of any selection equal those of the plain matrix product, and signatures tell selections apart."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helpers.alike import Alike, signatures

masks = st.tuples(st.integers(1, 9), st.integers(0, 12)).flatmap(lambda shape: arrays.arrays(bool, shape))
whole = st.integers(-1000, 1000)


@given(masks, st.data())
def test_sums_over_kinds_are_the_sums_over_columns(mask: np.ndarray, data: st.DataObject) -> None:
    values = data.draw(arrays.arrays(np.int64, (mask.shape[1], 3), elements=whole)).astype(float)
    assert np.array_equal(Alike(mask).sums(values), mask.astype(float) @ values)


@given(masks, st.data())
def test_the_least_is_that_of_the_selected_columns(mask: np.ndarray, data: st.DataObject) -> None:
    values = data.draw(arrays.arrays(np.int64, mask.shape[1], elements=whole))
    assert Alike(mask).least(values, 5000).tolist() == [min(values[row].tolist(), default=5000) for row in mask]


@given(masks)
def test_kinds_are_distinct_and_as_few_as_can_be(mask: np.ndarray) -> None:
    assert Alike(mask).kinds.shape[1] == len({column.tobytes() for column in mask.T})


@given(st.integers(1, 60), st.integers(1, 4))
def test_equal_candidates_have_equal_signatures_and_others_differ(acts: int, sides: int) -> None:
    numbers, weights = np.ones((sides, acts), int), np.full((acts, 5), 0.25)
    found = signatures(np.arange(acts), weights, numbers)
    assert len({tuple(row) for row in found.tolist()}) == acts and found.max() < 2 ** 32
    assert np.array_equal(found, signatures(np.arange(acts), weights.copy(), numbers.copy()))
    for other in (signatures(np.arange(acts) + acts, weights, numbers), signatures(np.arange(acts), weights * 2, numbers), signatures(np.arange(acts), weights, numbers + 1)):
        assert not (found == other).all(axis=1).any()


def test_what_adds_nothing_has_no_signature() -> None:
    weights = np.array([[0.0, 0.0], [0.5, 0.5], [0.5, 0.5]])
    found = signatures(np.arange(3), weights, np.array([[1, 0, 1]]))
    assert found[0].tolist() == found[1].tolist() == [0, 0] and found[2].all()


def test_two_sides_are_not_told_by_their_sum() -> None:
    weights = np.ones((1, 2))
    assert not np.array_equal(signatures(np.array([7]), weights, np.array([[1], [2]])), signatures(np.array([7]), weights, np.array([[2], [1]])))
