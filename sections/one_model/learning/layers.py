"""What a network is made of: a table of its layers, and where its parameters and its work sit."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes

from helpers.show.picture import Picture
from helpers.show.style import CLASS_COLOURS, new_figure, quiet_grid

if TYPE_CHECKING:
    from helpers.models.summary import NetworkLayer

MOST_BARS = 24


def layer_rows(layers: Sequence["NetworkLayer"]) -> list[dict[str, Any]]:
    """Rows for a table: each layer with output shape, parameters and multiply-adds, and the totals."""
    rows = [
        {"NetworkLayer": layer.name, "Kind": layer.kind, "Output": shape_text(layer.output_shape)} | _sums([layer])
        for layer in layers
    ]
    return [*rows, {"NetworkLayer": "Total", "Kind": "", "Output": ""} | _sums(layers)]


def block_rows(layers: Sequence["NetworkLayer"]) -> list[dict[str, Any]]:
    """`layer_rows` for deep networks: layers that share the first part of their name are one row."""
    blocks: dict[str, list[NetworkLayer]] = {}
    for layer in layers:
        blocks.setdefault(_block_name(layer.name), []).append(layer)
    rows = [
        {"Block": name, "Layers": len(members), "Output": shape_text(members[-1].output_shape)} | _sums(members)
        for name, members in blocks.items()
    ]
    return [*rows, {"Block": "Total", "Layers": len(layers), "Output": ""} | _sums(layers)]


def _sums(layers: Sequence["NetworkLayer"]) -> dict[str, int]:
    return {
        "Parameters": sum(layer.parameters for layer in layers),
        "Multiply-adds": sum(layer.multiply_adds for layer in layers),
    }


def _block_name(name: str) -> str:
    """ "layer1.0.conv2" belongs to "layer1", "features.3.conv" to "features.3"."""
    parts = name.split(".")
    return ".".join(parts[:2]) if parts[0] in {"features", "encoder", "classifier"} else parts[0]


def shape_text(shape: Sequence[int]) -> str:
    """ "32 × 16 × 16": channels, height, width."""
    return " × ".join(str(size) for size in shape)


def where_parameters_sit(layers: Sequence["NetworkLayer"]) -> Picture:
    """Share of the parameters and of the multiply-adds in each layer that has any."""
    weighty = _weighty(layers)
    figure = new_figure(height=1.3 + 0.3 * len(weighty))
    left, right = figure.subplots(1, 2, sharey=True)
    shares = {}
    for axes, key, title in ((left, "parameters", "Parameters"), (right, "multiply_adds", "Multiply-adds")):
        total = max(1, sum(getattr(layer, key) for layer in layers))
        shares[key] = [100 * getattr(layer, key) / total for layer in weighty]
        _draw_shares(axes, [layer.name for layer in weighty], shares[key], title)
    return Picture(figure, _alt(weighty, shares), "Memory and work need not sit in the same layers.")


def _weighty(layers: Sequence["NetworkLayer"]) -> list["NetworkLayer"]:
    """Layers with parameters, in their order; of very many the largest."""
    found = [layer for layer in layers if layer.multiply_adds or layer.parameters]
    largest = sorted(found, key=lambda layer: -layer.parameters)[:MOST_BARS]
    return [layer for layer in found if layer in largest]


def _draw_shares(axes: Axes, names: Sequence[str], shares: Sequence[float], title: str) -> None:
    places = range(len(names))
    axes.barh(places, shares, color=CLASS_COLOURS[0], height=0.7)
    for place, share in zip(places, shares, strict=True):
        axes.text(share + 1.5, place, f"{share:.0f} %" if share >= 0.5 else "< 1 %", va="center", fontsize=9)
    axes.set_yticks(places, names)
    axes.set(title=title, xlim=(0, 118), ylim=(len(names) - 0.4, -0.6), xticks=(0, 50, 100))
    axes.set_xlabel("% of the whole network")
    quiet_grid(axes, "x")


def _alt(layers: Sequence["NetworkLayer"], shares: dict[str, list[float]]) -> str:
    heaviest = {key: max(range(len(layers)), key=values.__getitem__) for key, values in shares.items()}
    told = [
        f"{name}: most in {layers[heaviest[key]].name}, {shares[key][heaviest[key]]:.0f} %"
        for key, name in (("parameters", "Parameters"), ("multiply_adds", "multiply-adds"))
    ]
    return f"Bars of how parameters and multiply-adds are spread over {len(layers)} layers. {'; '.join(told)}."
