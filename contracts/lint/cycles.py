"""Which references lead back to where they stand; Spectral leaves exactly those in place.

Called by `tree`, so that the resolved tree has an end.
"""

from collections.abc import Iterable, Iterator

from contracts.lint.function import Path

Link = tuple[Path, Path]  # where a reference stands, and where it leads


def circular(links: Iterable[Link]) -> frozenset[Path]:
    """Return the places of the references that are part of a circle."""
    links = list(links)
    targets = {target for _, target in links}
    edges: dict[Path, set[Path]] = {target: set() for target in targets}
    for place, target in links:
        for holder in _holders(place, targets):
            edges[holder].add(target)
    circle = _components(edges)
    return frozenset(
        place
        for place, target in links
        if any(circle[holder] == circle[target] for holder in _holders(place, targets))
    )


def _holders(place: Path, targets: set[Path]) -> Iterator[Path]:
    """Yield the targets around a place: whoever refers to one of them refers to the place too."""
    for length in range(len(place) + 1):
        if place[:length] in targets:
            yield place[:length]


def _components(edges: dict[Path, set[Path]]) -> dict[Path, int]:
    """Return the number of each node's strongly connected component (Tarjan, without recursion)."""
    index: dict[Path, int] = {}
    lowest: dict[Path, int] = {}
    component: dict[Path, int] = {}
    path: list[Path] = []
    for start in edges:
        if start in index:
            continue
        work: list[tuple[Path, Iterator[Path]]] = []
        _open(start, index, lowest, path, work, edges)
        while work:
            node, following = work[-1]
            for each in following:
                if each not in index:
                    _open(each, index, lowest, path, work, edges)
                    break
                if each not in component:
                    lowest[node] = min(lowest[node], index[each])
            else:
                work.pop()
                if work:
                    above = work[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                if lowest[node] == index[node]:
                    _close(node, index[node], path, component)
    return component


def _open(
    node: Path,
    index: dict[Path, int],
    lowest: dict[Path, int],
    path: list[Path],
    work: list[tuple[Path, Iterator[Path]]],
    edges: dict[Path, set[Path]],
) -> None:
    index[node] = lowest[node] = len(index)
    path.append(node)
    work.append((node, iter(edges[node])))


def _close(node: Path, number: int, path: list[Path], component: dict[Path, int]) -> None:
    while True:
        member = path.pop()
        component[member] = number
        if member == node:
            return
