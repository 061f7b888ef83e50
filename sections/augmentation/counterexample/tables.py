"""A table and a gallery of what an augmentation that is not true of the data confuses (chapter 04)."""

import numpy as np

from helpers.show.display import Card, Gallery, Note, Photo, Table
from helpers.show.words import bare_p_value, percent
from sections.augmentation.counterexample.measured import Counterexample, MisledImage
from sections.augmentation.counterexample.sentences import changed_images, guise_name


def risk_table(one: Counterexample, most: int = 10) -> Table:
    """One row a pair of classes at risk: how alike they are made, and mistakes without and with that."""
    guise = one.guise
    rows = [
        {
            "Classes": f"{one.classes[pair.first]} / {one.classes[pair.second]}",
            "Made alike": max(guise.changed[pair.first, pair.second], guise.changed[pair.second, pair.first]),
            "Images": pair.images,
            "Mixed up without": pair.mixed_a,
            "Mixed up with": pair.mixed_b,
            "Increase": pair.difference,
            "p, Holm": bare_p_value(pair.p_adjusted),
        }
        for pair in one.pairs[:most]
    ]
    shown = f"{len(rows)} of {len(one.pairs)}" if len(one.pairs) > len(rows) else f"All {len(rows)}"
    which = "pairs at risk" if one.at_risk else "pairs of classes"
    return Table(
        rows,
        f"{shown} {which} on the test set, without the extra augmentation ({one.honest.title}) and with it "
        f"({one.wrong.title}). Made alike: share of the {changed_images(one.extra)} of one class that "
        f"{one.honest.title} takes for the other, the larger of both directions. Increase: of the share mixed up, "
        "with its 95 % interval.",
        {"Made alike": percent, "Increase": "+.3f"},
    )


def misled_gallery(one: Counterexample, misled: list[MisledImage]) -> Gallery | Note:
    """Each image as it is, in its new guise, and the training image that it then resembles most."""
    if not misled:
        return Note(f"There is no test image that {one.honest.title} gets right and {one.wrong.title} wrong.")
    return Gallery(
        [_card(one, case) for case in misled],
        f"{len(misled)} of {one.overall.only_a} test images that {one.honest.title} gets right and "
        f"{one.wrong.title} does not ({one.overall.only_b} the other way round). Left: as it is. Middle: "
        f"{guise_name(one.extra)}. Right: the training image nearest to the middle one in the feature space of "
        f"{one.honest.title}.",
    )


def _card(one: Counterexample, case: MisledImage) -> Card:
    truth, answer, honest = (one.classes[c] for c in (case.truth, case.answer, case.honest_answer))
    near = one.classes[one.splits.labels[case.neighbour]]
    name = guise_name(one.extra)
    photos = [
        Photo(case.image, f"Test image of {truth}", "as it is"),
        Photo(case.changed, f"The same image {name}", name),
        Photo(np.array(one.splits.images[case.neighbour]), f"Training image of {near}", f"nearest: {near}"),
    ]
    facts = {
        one.wrong.title: f"{answer} ({percent(case.confidence, 0)})",
        f"{one.honest.title}, as it is": truth,
        f"{one.honest.title}, {name}": honest,
    }
    return Card(photos, f"{truth} → {answer}", facts)
