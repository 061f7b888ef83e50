"""The images that cost a model most, of all classes together (chapter 03)."""

from collections import Counter
from typing import TYPE_CHECKING

from helpers.datasets.planted import wrong_labels
from helpers.show.words import count, in_words, none_or, percent, quoted, sentence

if TYPE_CHECKING:
    from sections.one_model.mistakes.measured import Evidence


def top_losses(evidence: "Evidence", most: int) -> list[str]:
    """How much of the whole loss the largest losses make, and between which classes they lie."""
    chosen = evidence.wrong[:most]
    if not len(chosen):
        return ["No test image was misclassified, so no loss is worth a look."]
    part, images = evidence.loss[chosen].sum() / evidence.loss.sum(), len(chosen) / len(evidence.loss)
    first, last = evidence.loss[chosen[[0, -1]]]
    cards, are = count(len(chosen), "image"), "is" if len(chosen) == 1 else "are"
    return [
        f"Of the whole loss of the test set {percent(part, 0)} comes from the {cards} with the largest loss, "
        f"which {are} {percent(images)} of the images: {first:.2f} to {last:.2f} nats, where the mean of all is "
        f"{evidence.loss.mean():.2f}. {_most_frequent(evidence, most)}{_planted(evidence, most)}"
    ]


def _most_frequent(evidence: "Evidence", most: int) -> str:
    classes, chosen = evidence.splits.classes, evidence.wrong[:most]
    kinds = Counter(zip(evidence.outputs.labels[chosen], evidence.predictions[chosen], strict=True))
    (truth, predicted), amount = kinds.most_common(1)[0]
    if amount < 2:
        return "No two of them are the same confusion."
    return (
        f"Most frequent among them: {quoted(classes[truth])} taken for {quoted(classes[predicted])}, "
        f"{in_words(amount)} of {len(chosen)}."
    )


def _planted(evidence: "Evidence", most: int) -> str:
    """Of drawn images also how many of them were given a wrong label on purpose."""
    wrong = wrong_labels(evidence.splits)
    if wrong is None:
        return ""
    planted = wrong[evidence.outputs.index]
    mistakes = evidence.wrong
    among, everywhere, tested = (
        int(part.sum()) for part in (planted[mistakes[:most]], planted[mistakes], planted)
    )
    have = "have" if among > 1 else "has"
    return (
        f" {sentence(none_or(among))} of them {have} a label that the sample planted as wrong; "
        f"among all {len(mistakes)} mistakes {none_or(everywhere)}, in the whole test set {none_or(tested)}."
    )
