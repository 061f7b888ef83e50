"""Chapter 03: two learning rates for one network, and a look at its features without t-SNE."""

from collections.abc import Callable

import numpy as np
from torch.optim import SGD
from torchvision.models import resnet18

from helpers.training.runs import Run
from sections.exercises.checking import exercise, expect

LR = 0.01
MOST = 1000  # images that are enough to try a function on


@exercise
def two_rates(answer: Callable, run: Run) -> None:
    """Groups for an optimiser: the last layer, `fc`, with the whole rate, all others with a tenth of it."""
    network = resnet18(num_classes=len(run.classes))
    found = answer(network, LR)
    assert found is not None, "nothing comes back: its last line must be a return"
    groups = list(found)
    assert groups and all(isinstance(one, dict) and {"params", "lr"} <= set(one) for one in groups), (
        'a list of dictionaries must come back, each with "params" and "lr"'
    )
    groups = [
        one | {"params": [one["params"]] if hasattr(one["params"], "grad") else list(one["params"])}
        for one in groups
    ]
    rates = [(id(weights), one["lr"]) for one in groups for weights in one["params"]]
    head, rest = set(map(id, network.fc.parameters())), {id(weights) for weights in network.parameters()}
    rest -= head
    given = [name for name, _ in rates]
    assert head <= set(given), "the last layer is in no group, so it would never learn"
    missing = len(rest - set(given))
    assert not missing, f"{missing} of the other parameters are in no group, so they would never learn"
    twice = len(given) - len(set(given))
    assert not twice, f"{twice} parameters are in two groups: those of the last layer must not be among the others"
    of_head, of_rest = ({rate for name, rate in rates if name in whose} for whose in (head, rest))
    assert (of_head, of_rest) != ({LR / 10}, {LR}), (
        "the rates are the wrong way round: it is the new layer that knows nothing"
    )
    expect(sorted(of_head), [LR], {"the last layer has a tenth of the rate, too": [LR / 10]}, on="the last layer")
    expect(sorted(of_rest), [LR / 10], {"all parameters learn at the same rate": [LR]}, on="the other layers")
    SGD(groups, lr=LR)


@exercise
def principal_plane(answer: Callable, run: Run) -> None:
    """Points (n, 2) in the two directions in which features vary most, and their share of the variance."""
    rng = np.random.default_rng(0)
    cloud = rng.normal(size=(60, 5)) * (5, 3, 1, 1, 1) @ np.linalg.qr(rng.normal(size=(5, 5)))[0] + 20
    own = run.outputs("val").features[:MOST].astype(np.float64)
    for features, on in (
        (cloud, "60 points in 5 dimensions, far from the origin"),
        (own, f"the features of {run.title}"),
    ):
        if min(features.shape) < 3 or np.ptp(features, axis=0).max() < 1e-6:
            continue  # so few, or so equal, that there are no two directions
        points, sizes = _plane(features - features.mean(0))
        raw_points, raw_sizes = _plane(features)
        scaled_points, scaled_sizes = _plane((features - features.mean(0)) / (features.std(0) + 1e-12))
        share = _share(sizes**2)
        found = answer(features.copy())
        assert found is not None, "nothing comes back: its last line must be a return"
        assert len(found) == 2, "two things must come back: the points, and the share of the variance"
        mine = np.asarray(found[0], dtype=float)
        assert mine.shape == points.shape, (
            f"the points must have shape {points.shape}, and yours have {mine.shape}"
        )
        expect((_turned(mine, points), found[1]), (points, share), {
            "take the mean off first: the first direction now only says where the cloud lies":
                (_turned(raw_points, points), _share(raw_sizes**2)),
            "a share of the variance is one of squares: square the singular values": (points, _share(sizes)),
            "the share is that of the first direction alone: add the second":
                (points, (sizes**2 / (sizes**2).sum())[0]),
            "you have scaled every feature to the same spread, which was not asked for":
                (_turned(scaled_points, points), _share(scaled_sizes**2)),
            "the points are in units of their own spread: multiply by the singular values":
                (points / sizes[:2], share),
        }, on=on, within=5e-3)  # fmt: skip


def _plane(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    left, sizes, _ = np.linalg.svd(features, full_matrices=False)
    return left[:, :2] * sizes[:2], sizes


def _share(parts: np.ndarray) -> float:
    return float(parts[:2].sum() / parts.sum())


def _turned(points: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Each axis may point either way."""
    return points * np.where((points * like).sum(0) < 0, -1, 1)
