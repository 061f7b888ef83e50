"""The chapters that come with the course, as tests name them."""

from helpers.study.chapters import chapters

CHAPTERS = tuple(chapters())
STREET_CHAPTERS = tuple(name for name, info in chapters().items() if info.looks_at_scenes)
IMAGE_CHAPTERS = tuple(name for name in CHAPTERS if name not in STREET_CHAPTERS)

SAID = {name: {"course": info.said} for name, info in chapters().items()}  # the metadata of their notebooks
