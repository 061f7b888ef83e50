"""What a network is made of: a table of its layers, and where its parameters and its work sit."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers.models.summary import NetworkLayer
from helpers.show.picture import Picture
from helpers.show.rows import name_rows
from helpers.show.style import WIDTH, new_axes
from helpers.show.words import number, some

MOST_BARS = 24


def layer_rows(layers: Sequence[NetworkLayer]) -> list[dict[str, Any]]:
    """Rows for a table: each layer with output shape, parameters and multiply-adds, and the totals."""
    rows = [{"Layer": layer.name, "Kind": layer.kind} | _sums([layer]) for layer in layers]
    return [*rows, {"Layer": "Total", "Kind": ""} | _sums(layers) | {"Output": ""}]


def block_rows(layers: Sequence[NetworkLayer]) -> list[dict[str, Any]]:
    """`layer_rows` for deep networks: layers that share the first part of their name are one row."""
    blocks: dict[str, list[NetworkLayer]] = {}
    for layer in layers:
        blocks.setdefault(_block_name(layer.name), []).append(layer)
    rows = [{"Block": name, "Layers": len(members)} | _sums(members) for name, members in blocks.items()]
    return [*rows, {"Block": "Total", "Layers": len(layers)} | _sums(layers) | {"Output": ""}]


def _sums(layers: Sequence[NetworkLayer]) -> dict[str, Any]:
    return {
        "Output": " × ".join(map(str, layers[-1].output_shape)),
        "Parameters": sum(layer.parameters for layer in layers),
        "Multiply-adds": sum(layer.multiply_adds for layer in layers),
    }


def _block_name(name: str) -> str:
    """ "layer1.0.conv2" belongs to "layer1", "features.3.conv" to "features.3"."""
    parts = name.split(".")
    return ".".join(parts[:2]) if parts[0] in {"features", "encoder", "classifier"} else parts[0]


def where_parameters_sit(layers: Sequence[NetworkLayer]) -> Picture:
    """Share of the parameters and of the multiply-adds in each layer that has any; of very many, the largest."""
    import pandas as pd
    import seaborn as sns

    shares = pd.DataFrame(
        {"parameters": [one.parameters for one in layers], "multiply-adds": [one.multiply_adds for one in layers]},
        dtype=float,
    )
    shares = 100 * shares / shares.sum().clip(lower=1)
    shown = shares[shares.sum(axis=1) > 0].nlargest(MOST_BARS, "parameters").sort_index()
    names = [layers[place].name for place in shown.index]
    figure, axes = new_axes(WIDTH, 1.2 + 0.32 * len(shown))
    sns.barplot(shown.reset_index(drop=True).melt(ignore_index=False).reset_index(), x="value", y="index",
                hue="variable", orient="h", saturation=1, legend=False, ax=axes)  # fmt: skip
    name_rows(axes, names, "% of the whole network")
    axes.set_ylabel("")
    for bars in axes.containers:
        axes.bar_label(bars, fmt=lambda share: number(share, 0) if share >= 0.5 else "< 1", fontsize=8, padding=2)
    figure.legend(axes.containers, shown.columns, loc="outside upper center", ncols=2)
    most = [_most(key, layers, of.to_numpy()) for key, of in shares.items()]
    alt = f"Bars of how parameters and multiply-adds are spread over {len(shown)} layers. {'; '.join(most)}."
    return Picture(figure, alt, "Memory and work need not sit in the same layers.")


def _most(what: str, layers: Sequence[NetworkLayer], shares: np.ndarray) -> str:
    """ "parameters: most in 6, 49 %"; all layers that have as much are named."""
    names = [layers[place].name for place in np.flatnonzero(shares == shares.max())]
    return f"{what}: most in {some(names)}, {number(shares.max(), 0)} %{' each' if len(names) > 1 else ''}"
