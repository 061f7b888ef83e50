"""A training ends where its validation score has not risen for so many epochs, also after a kill."""

import pytest
import torch
from torch import nn

from helpers.study.phases import stages_of
from helpers.study.recipe import ModelSpec
from helpers.training import epochs
from helpers.training.epochs import Session, run_phases


def train(scores: list[float], lengths: list[int], patience: int | None, **options):
    """A training that scores as it is told, and whose weight is the number of its epochs."""
    model = nn.Linear(1, 1)

    def begin(number: int, state: epochs.Fit) -> Session:
        def one_epoch(epoch: int) -> tuple[dict[str, float], int]:
            with torch.no_grad():
                model.weight.fill_(epoch + 1)
            return {"epoch": epoch + 1, "phase": number + 1, "first": state.first}, 1

        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        return Session(optimizer, one_epoch, dict, lambda row: scores[row["epoch"] - 1])

    return model, run_phases(model, lengths, begin, patience=patience, **options)


@pytest.mark.parametrize(
    ("scores", "patience", "ended", "best"),
    [
        ([1, 2, 3, 4, 5, 6], 1, 6, 6),
        ([3, 2, 1, 9, 9, 9], 1, 2, 1),
        ([3, 2, 1, 9, 8, 7], 3, 4 + 2, 4),
        ([3, 2, 1, 9, 8, 7], 2, 3, 1),
        ([3, 3, 3, 3, 3, 3], 4, 5, 1),  # as good is no better
        ([1, 2, 1, 2, 1, 9], 3, 5, 2),
        ([3, 2, 1, 1, 1, 9], None, 6, 6),
        ([float("nan")] * 6, 2, 3, 1),
    ],
)
def test_it_ends_after_so_many_epochs_without_a_better_score(scores, patience, ended, best):
    model, state = train(scores, [6], patience)
    assert state.epoch == len(state.history) == len(state.seconds) == ended
    assert state.best_epoch == best == model.weight.item() and state.ends == [ended]


def test_each_phase_ends_by_itself_and_the_next_begins():
    scores = [5, 4, 3, 1, 6, 2, 2, 9]
    _, state = train(scores, [4, 5], 2)
    assert [row["phase"] for row in state.history] == [1, 1, 1, 2, 2, 2, 2]
    assert state.ends == [3, 7] and state.best_epoch == 5
    assert [row["first"] for row in state.history[3:]] == [3] * 4  # schedules count from there
    recipe = ModelSpec(phases=[{"epochs": 4}, {"epochs": 5}])
    first, second = stages_of(recipe, [row["phase"] for row in state.history])
    assert (first.took, first.last, second.first, second.epochs) == (3, 3, 3, "epochs 4 to 7")
    assert [stage.took for stage in stages_of(recipe)] == [4, 5]


@pytest.mark.parametrize("at", range(1, 8))
def test_a_kill_changes_nothing(tmp_path, monkeypatch, at):
    monkeypatch.setattr(epochs, "CHECKPOINT_SECONDS", -1.0)
    scores = [5, 4, 3, 1, 6, 2, 2, 9]
    undisturbed = train(scores, [4, 5], 2)[1]

    class Killed(Exception):
        pass

    def saved_then_killed(*arguments):
        original(*arguments)
        if arguments[1].epoch == at:
            raise Killed

    original = epochs.save_checkpoint
    monkeypatch.setattr(epochs, "save_checkpoint", saved_then_killed)
    with pytest.raises(Killed):
        train(scores, [4, 5], 2, checkpoint=tmp_path / "c.pt")
    monkeypatch.setattr(epochs, "save_checkpoint", original)
    model, state = train(scores, [4, 5], 2, checkpoint=tmp_path / "c.pt")
    assert state.history == undisturbed.history and state.ends == undisturbed.ends
    assert model.weight.item() == 5
