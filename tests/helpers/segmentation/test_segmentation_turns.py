"""Reading, looking and counting in turns: all of it, in order, and no more at once than there is room for."""

import os
import threading
import time

import pytest

from helpers.segmentation.turns import GROUPS_AHEAD, in_turns


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("batch_size", [1, 3, 50])
@pytest.mark.parametrize("count", [0, 1, 7, 40])
def test_every_scene_is_counted_in_order(together, batch_size, count):
    batches = []

    def look(batch):
        batches.append(len(batch))
        return [10 * one for one in batch]

    found = in_turns(
        range(count), lambda one: one + 1, look, lambda *pair: pair, batch_size=batch_size, together=together
    )
    assert list(found) == [(one + 1, 10 * (one + 1)) for one in range(count)]
    assert sum(batches) == count
    assert all(size == batch_size for size in batches[:-1])


def test_on_a_processor_nothing_else_runs_while_the_network_looks():
    busy, overlaps = set(), []

    def work(one):
        busy.add(threading.get_ident())
        time.sleep(0.002)
        busy.discard(threading.get_ident())
        return one

    def look(batch):
        overlaps.append(len(busy))
        time.sleep(0.002)
        overlaps.append(len(busy))
        return batch

    assert len(list(in_turns(range(20), work, look, lambda one, _: work(one), batch_size=1, together=False))) == 20
    assert set(overlaps) == {0}


@pytest.mark.parametrize("together", [False, True])
def test_only_so_many_scenes_are_held(together):
    held, most, lock = 0, 0, threading.Lock()

    def read(one):
        nonlocal held, most
        with lock:
            held += 1
            most = max(most, held)
        return one

    def count(one, _):
        nonlocal held
        with lock:
            held -= 1
        return one

    for _ in in_turns(range(300), read, lambda batch: batch, count, batch_size=2, together=together):
        pass
    group = 2 * -(-(os.cpu_count() or 1) // 2)
    assert most <= (2 * GROUPS_AHEAD + 2) * group


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("where", ["read", "look", "count"])
def test_an_exception_ends_it(together, where):
    done = []

    def fails(stage, one):
        if where == stage and one >= 5:
            raise OSError(f"{stage} {one}")
        return one

    def read(one):
        done.append(one)
        return fails("read", one)

    steps = in_turns(
        range(1000), read, lambda batch: [fails("look", one) for one in batch], lambda one, _: fails("count", one),
        batch_size=1, together=together,
    )  # fmt: skip
    with pytest.raises(OSError, match=where):
        list(steps)
    assert len(done) < 900  # and the rest is left alone


def test_a_caller_that_stops_early_leaves_no_thread_behind():
    before = threading.active_count()
    steps = in_turns(range(1000), lambda one: one, list, lambda one, _: one, batch_size=1, together=True)
    assert next(steps) == 0
    steps.close()
    assert threading.active_count() == before
