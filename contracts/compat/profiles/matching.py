"""Pairs the subschemas of two combined schemas so that as many as possible are compatible.

Maximum-cardinality bipartite matching by augmenting paths; the order of subschemas is nothing.
"""

from collections import deque
from collections.abc import Callable, Sequence

_MANY = 2_500  # pairs beyond which subschemas written alike are paired without a look


def match(
    left: Sequence[str], right: Sequence[str], fits: Callable[[int, int], bool]
) -> dict[int, int]:
    """Return left index → right index of a largest matching.

    `left` and `right` are the canonical texts; `fits` says whether two may be paired.
    """
    fixed: dict[int, int] = {}
    if len(left) * len(right) > _MANY:
        places = {text: index for index, text in enumerate(right)}
        fixed = {index: places[text] for index, text in enumerate(left) if text in places}
    free = [index for index in range(len(left)) if index not in fixed]
    open_ = sorted(set(range(len(right))) - set(fixed.values()))
    edges = {one: [other for other in open_ if fits(one, other)] for one in free}
    taken: dict[int, int] = {}  # right → left
    for start in free:
        _augment(start, edges, taken)
    return fixed | {one: other for other, one in taken.items()}


def _augment(start: int, edges: dict[int, list[int]], taken: dict[int, int]) -> None:
    """Find a path from `start` to a free right side and flip it (breadth first)."""
    came: dict[int, int] = {}  # right → the left it was reached from
    queue = deque([start])
    while queue:
        one = queue.popleft()
        for other in edges[one]:
            if other in came:
                continue
            came[other] = one
            if other not in taken:
                _flip(other, came, taken)
                return
            queue.append(taken[other])


def _flip(end: int, came: dict[int, int], taken: dict[int, int]) -> None:
    other: int | None = end
    while other is not None:
        one = came[other]
        before = next((r for r, left in taken.items() if left == one), None)
        taken[other] = one
        if before is not None:
            del taken[before]
        other = before
    # `before` is where `one` stood: the next round gives it to whoever reached it.
