"""One pinhole camera above a road: places in metres become places in the picture."""

from dataclasses import dataclass

import numpy as np

NEAREST = 0.6  # metres ahead of the lens; what is nearer is moved there


@dataclass(frozen=True)
class RoadCamera:
    """A camera that looks along a road which may bend.

    Places are (across, up, ahead) in metres: across to the right of the camera's path, up from the road,
    ahead along the road.
    """

    width: int  # of the picture, pixels
    height: int
    focal: float  # pixels
    horizon: float  # row
    eye: float  # height of the lens above the road
    heading: float = 0.0  # radians, > 0: the road leads off to the right
    bend: float = 0.0  # 1 / m, > 0: the road bends to the right

    def project(self, places: np.ndarray) -> np.ndarray:
        """(…, 3) metres → (…, 2) pixels, x and y."""
        places = np.asarray(places, float)
        ahead = np.maximum(places[..., 2], NEAREST)
        scale, pixels = self.focal / ahead, np.empty((*ahead.shape, 2))
        pixels[..., 0] = places[..., 0] * scale + self.width / 2 + self.focal * (self.bend * ahead + self.heading)
        pixels[..., 1] = self.horizon + (self.eye - places[..., 1]) * scale
        return pixels

    def scale(self, ahead: float) -> float:
        """Pixels per metre at that distance."""
        return self.focal / max(ahead, NEAREST)

    def nearest_ground(self) -> float:
        """How far ahead the road enters the picture."""
        return self.eye * self.focal / (self.height - self.horizon)

    def strip(self, left: float, right: float, near: float, far: float, up: float = 0.0) -> np.ndarray:
        """Outline of a stretch of ground along the road, (n, 2) pixels."""
        ahead = np.geomspace(max(near, NEAREST), far, 10 if self.bend else 2)
        sides = [
            np.stack([np.full_like(ahead, across), np.full_like(ahead, up), ahead], 1) for across in (left, right)
        ]
        return self.project(np.concatenate([sides[0], sides[1][::-1]]))

    def upright(self, start: tuple[float, float], end: tuple[float, float], low: float, high: float) -> np.ndarray:
        """Outline of a wall that stands between two places (across, ahead), (4, 2) pixels."""
        (a, za), (b, zb) = start, end
        return self.project(np.array([(a, low, za), (a, high, za), (b, high, zb), (b, low, zb)]))
