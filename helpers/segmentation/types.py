"""What an evaluation leaves behind: counts that add up over images, so that every score is derived from sums."""

from dataclasses import dataclass, field

import numpy as np

BANDS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # pixels of the network's image; the last band is what lies farther
SEGMENT_SHARES = (0.0005, 0.002, 0.01, 0.05)  # of the image; the last group is what is larger
CONFIDENCE_BINS = 100


@dataclass(frozen=True)
class SegmenterEvaluation:
    """One segmenter on n scenes of one set, with C shared classes. Ignored pixels are counted nowhere.

    matrices: (n, C, C) int64, rows truth: each scene's confusion matrix at its label's own resolution.
    network_matrices: (n, C, C) int64: the same at the size the network sees (S × S pixels).
    debatable: (n, C, C) int64: the part of `matrices` whose truth is a debatable row of the class table.
    score_bins: (C, 2, B) int64: pixels of the network's image by the score of each class, without [0] and
        with [1] that class as truth; scores rise with the bin.
    score_edges: (B,) float64: the lowest score of each bin.
    confidence_bins: (C, 2, K) int64: pixels by predicted class, wrong [0] or right [1], and confidence in K equal
        bins of 0 … 1; `confidence_sums` (C, K) float64 holds the sum of the confidences.
    band_matrices: (D + 1, C, C) int64: by distance from the nearest border between two classes, in bands up to
        `BANDS[i]` pixels of the network's image.
    segment_matrices: (Z + 1, C, C) int64: by area of the connected region of truth, in groups up to
        `SEGMENT_SHARES[i]` of the image.
    facts: measurements of each scene, name -> (n,) float64.
    """

    set_name: str
    part: str
    model: str
    classes: tuple[str, ...]
    size: int
    files: tuple[str, ...]
    sequences: tuple[str, ...]
    matrices: np.ndarray
    network_matrices: np.ndarray
    debatable: np.ndarray
    score_bins: np.ndarray
    score_edges: np.ndarray
    confidence_bins: np.ndarray
    confidence_sums: np.ndarray
    band_matrices: np.ndarray
    segment_matrices: np.ndarray
    facts: dict[str, np.ndarray] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        seen = f"{len(self)} scenes of {self.set_name} {self.part}, {len(self.classes)} classes"
        return f"SegmenterEvaluation({self.model} on {seen}; `matrix`, `matrices`, `score_bins`, …)"

    def __len__(self) -> int:
        return len(self.files)

    @property
    def matrix(self) -> np.ndarray:
        """(C, C) int64: the confusion matrix of the whole set at the labels' own resolution."""
        return self.matrices.sum(axis=0)

    @property
    def network_matrix(self) -> np.ndarray:
        """(C, C) int64: the confusion matrix of the whole set at the size the network sees."""
        return self.network_matrices.sum(axis=0)
