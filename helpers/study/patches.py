"""The segmentation part of a study whose classifiers draw class maps from patches."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from helpers.study.recipe import Strict


class PatchSpec(Strict):
    """Chapters 07 to 09: large images cut into patches, each of which a classifier of the study names."""

    kind: Literal["patches"] = "patches"
    models: list[str] = Field([], description="classifiers of the study, the first is looked into; or fine_tuned")
    remedy: str | None = Field(
        None, description="the model that chapter 09 tries against other cameras; augmented"
    )
    patch: Annotated[int, Field(ge=8, le=1024)] = Field(
        64, description="side of a patch, in pixels of the large image"
    )
    stride: Annotated[int, Field(ge=1, le=1024)] = Field(32, description="pixels from one patch to the next")
    mosaics: Annotated[int, Field(ge=2)] = Field(24, description="images laid from test tiles, with known truth")
    mosaic_size: Annotated[int, Field(ge=64, le=4096)] = 512
    regions: Annotated[int, Field(ge=2, le=64)] = Field(
        9, description="regions with irregular borders in a mosaic"
    )
    folder: str | None = Field(None, description="large images of one's own; data/<study>_scenes if absent")
    abroad: dict[str, str] = Field(
        {}, description="other cameras: name and folder of class folders or of large images"
    )

    @field_validator("models", mode="before")
    @classmethod
    def _one_or_many(cls, value):
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _covers(self) -> "PatchSpec":
        if self.stride > self.patch:
            raise ValueError(f"stride {self.stride} is above patch {self.patch}: pixels would be left out")
        if self.patch > self.mosaic_size:
            raise ValueError(f"patch {self.patch} is larger than mosaic_size {self.mosaic_size}")
        return self
