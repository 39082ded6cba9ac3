"""What many selections have in common: columns selected together are summed once, and equal selections are told by their signatures."""

from __future__ import annotations

import numpy as np

MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)  # odd numbers that spread sums over 64 bits


class Alike:
    """Columns of a mask that are equal in every row, taken together. kinds: (rows, distinct columns), 1 where selected."""

    def __init__(self, mask: np.ndarray):
        packed = np.ascontiguousarray(np.packbits(mask, axis=0).T)
        _, at, which = np.unique(packed.view(f"V{max(packed.shape[1], 1)}").reshape(-1) if packed.size else np.zeros(mask.shape[1], int),
                                 return_index=True, return_inverse=True)
        self.kinds, self.order = mask[:, at].astype(float), np.argsort(which, kind="stable")
        self.starts = np.searchsorted(which[self.order], np.arange(len(at)))

    def sums(self, values: np.ndarray) -> np.ndarray:
        """What the selected columns sum to in every row: values (columns, …) → (rows, …)."""
        if not len(self.starts):
            return np.zeros((len(self.kinds), values.shape[1]))
        return self.kinds @ np.add.reduceat(values[self.order], self.starts, axis=0)

    def least(self, values: np.ndarray, none: int) -> np.ndarray:
        """The least value of the selected columns in every row; `none` where nothing is selected."""
        if not len(self.starts):
            return np.full(len(self.kinds), none)
        return np.where(self.kinds > 0, np.minimum.reduceat(values[self.order], self.starts), none).min(axis=1, initial=none)


def _spread(numbers: np.ndarray) -> np.ndarray:
    """Whole numbers spread over 64 bits. Method: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def signatures(acts: np.ndarray, weights: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Two whole numbers under 2**32 per candidate, so that their sums over a selection stay exact and tell selections apart;
    equal for the same act with the same weights for the same sides, 0 for what adds nothing."""
    live = numbers.any(axis=0) & weights.any(axis=1)
    keys = _spread(np.arange(1, weights.shape[1] + 1, dtype=np.uint64) * MIX[0]) | np.uint64(1)
    code = _spread(acts.astype(np.uint64) * MIX[1] + MIX[2])
    for number in numbers:
        code = _spread(code + (number.astype(np.uint64) + np.uint64(1)) * MIX[0])
    code = _spread(code ^ (np.ascontiguousarray(weights).view(np.uint64) * keys).sum(axis=1, dtype=np.uint64))
    return np.stack([code >> np.uint64(32), code & np.uint64(0xFFFFFFFF)], axis=1).astype(float) * live[:, None]
