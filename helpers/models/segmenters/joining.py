"""A convolution over a fine map and an enlarged coarse one, without enlarging the coarse one first."""

from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class JoiningConvolution(nn.Conv2d):
    """A 3×3 convolution, padded with zeros, over the channels of a fine map followed by those of a coarse one.

    Equal, up to rounding, to enlarging the coarse map bilinearly to the size of the fine one, joining the two
    and convolving. Enlarging works on places and the kernel's nine matrices on channels, so either can come
    first: the matrices are applied to the few places of the coarse map, and what they give is enlarged, moved
    by the kernel's offsets and summed, as two multiplications by sparse matrices kept dense, first along the
    rows, then along the columns. In DeepLabV3+ this is a seventh of the work, for the costliest of its layers.
    """

    def __init__(self, fine_channels: int, coarse_channels: int, outputs: int):
        super().__init__(fine_channels + coarse_channels, outputs, 3, padding=1, bias=False)
        self.fine_channels = fine_channels

    def forward(self, fine: Tensor, coarse: Tensor) -> Tensor:
        """(n, outputs, H, W) of a fine map (n, fine, H, W) and a coarse one (n, coarse, h, w)."""
        on_fine, on_coarse = self.weight[:, : self.fine_channels], self.weight[:, self.fine_channels :]
        return F.conv2d(fine, on_fine, self.bias, padding=1) + enlarge_and_convolve(
            coarse, on_coarse, tuple(fine.shape[-2:])
        )


def enlarge_and_convolve(maps: Tensor, weight: Tensor, size: tuple[int, int]) -> Tensor:
    """(n, outputs, H, W): maps (n, channels, h, w) enlarged to (H, W), convolved by (outputs, channels, 3, 3)."""
    (batch, channels, h, w), (height, width), outputs = maps.shape, size, weight.shape[0]
    kernel = weight.permute(1, 2, 3, 0).reshape(channels, 9 * outputs)
    products = maps.permute(0, 2, 3, 1).reshape(-1, channels) @ kernel
    products = products.view(batch, h, w, 3, 3, outputs).permute(0, 3, 1, 4, 2, 5)
    rows = enlarging_taps(w, width, maps.device, maps.dtype) @ products.reshape(-1, 3 * w, outputs)
    whole = enlarging_taps(h, height, maps.device, maps.dtype) @ rows.view(batch, 3 * h, width * outputs)
    return whole.view(batch, height, width, outputs).permute(0, 3, 1, 2)


@lru_cache(maxsize=32)
def enlarging_taps(small: int, large: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """(large, 3 · small): what the places before, at and after each one take from the small line.

    The weights of bilinear interpolation by the centres of pixels; beyond the ends lies zero.
    """
    with torch.inference_mode(False), torch.no_grad():  # kept: what is made while predicting may serve in training
        line = torch.eye(small, dtype=torch.float64)[None]  # which not every device has
        taps = F.interpolate(line, size=large, mode="linear", align_corners=False)[0].T
        beyond = taps.new_zeros(1, small)
        return torch.cat([torch.cat([beyond, taps[:-1]]), taps, torch.cat([taps[1:], beyond])], dim=1).to(
            device, dtype
        )
