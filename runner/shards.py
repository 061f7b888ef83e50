"""What chapters 07 to 09 evaluate, made beforehand by several processes side by side."""

from helpers.chapter import Chapter
from helpers.study.study import Study
from sections.abroad import trials
from sections.patches.cameras import measured as travels
from sections.patches.cutting.measured import try_settings


def evaluate_shard(study: Study, chapter: str, number: int, of: int) -> None:
    """Evaluate all that a chapter will ask for, as process `number`, from 0, of `of` that do the same.

    They share the scenes of each evaluation; one that comes late, or never, costs the others only time. The
    chapter then finds on disk what it would have counted itself. Networks are trained where they are not there.

    Raises CourseError where the chapter would.
    """
    if not 0 <= number < of:
        raise ValueError(f"there is no shard {number} of {of}: they are numbered from 0")
    opened = Chapter(chapter, study)
    part = opened.patches if study.patches else opened.streets
    part.shard = (number, of)
    part.evaluate("target")
    if chapter == "07_segmentation":
        part.over_seeds("target")
        for name in part.names:
            part.evaluate("target", name)
        if study.patches:
            try_settings(part)
    elif chapter == "09_cross_domain" and study.patches:
        first = travels.travel(part)
        travels.over_seeds(part, first)
        travels.sweep(part, first, first.worst.camera)
    elif chapter == "09_cross_domain":
        shift = trials.over_seeds(part)[0]
        for name in part.names:
            trials.compare(part, name)
        trials.squeeze_reason(part, shift)
        trials.try_out(part, shift, trials.remedies_of(part))
