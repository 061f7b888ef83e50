"""Scenes are read, looked at by the network, and counted: several of each at a time, and nothing waits for long.

Where the network runs on a GPU, the processor reads and counts meanwhile. Where it runs on the processor, they
take turns: its threads wait for one another at every layer, so that anything else on their cores holds up all.
"""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

Read, Seen, Counted = TypeVar("Read"), TypeVar("Seen"), TypeVar("Counted")
GROUPS_AHEAD = 3  # that are read, and that wait to be counted, while a GPU is at work


def in_turns(
    positions: Sequence[int],
    read: Callable[[int], Read],
    look: Callable[[list[Read]], Sequence[Seen]],
    count: Callable[[Read, Seen], Counted],
    *,
    batch_size: int,
    together: bool,
) -> Iterator[Counted]:
    """`count(scene, seen)` of every position, in order; `read` and `count` run in threads, `look` in this one.

    `look` gets `batch_size` scenes at a time, fewer at the end. `together`: threads work while it does, too.
    An exception in any of the three ends it, and what has not begun is not done.
    """
    workers = os.cpu_count() or 1
    size = batch_size * -(-workers // batch_size)  # a scene for every core, in whole batches
    groups = [positions[start : start + size] for start in range(0, len(positions), size)]
    ahead = GROUPS_AHEAD if together else 1
    pool = ThreadPoolExecutor(workers)
    reading = deque([pool.submit(read, one) for one in group] for group in groups[:ahead])
    counting: deque[Future] = deque()
    try:
        for number in range(len(groups)):
            scenes = [future.result() for future in reading.popleft()]
            batches = [scenes[start : start + batch_size] for start in range(0, len(scenes), batch_size)]
            seen = [one for batch in batches for one in look(batch)]
            reading.extend([pool.submit(read, one) for one in group] for group in groups[number + ahead :][:1])
            counting.extend(pool.submit(count, *pair) for pair in zip(scenes, seen, strict=True))
            del seen, scenes  # a thread may still hold them, but not this one
            while len(counting) > (GROUPS_AHEAD * size if together else 0):
                yield counting.popleft().result()
            if not together:
                wait([future for group in reading for future in group])
        while counting:
            yield counting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
