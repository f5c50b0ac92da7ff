"""The two clips of a group that are compared, A and B."""

from collections.abc import Sequence


def pair_after(
    pair: tuple[str, ...], before: str, shown: str, members: Sequence[str]
) -> tuple[str, ...]:
    """Return which clips are A and B once a clip is shown; empty if its group has no other.

    The pair stays while one of its clips is shown. Otherwise the clip that was shown before is A
    and this one B; or, if that is of another group, this one is A and the next of the group B.

    Args:
        pair: A and B so far; may be empty.
        before: the id of the clip that was shown before; may be empty.
        shown: the id of the clip that is shown now.
        members: the ids of its group, in order.
    """
    if shown not in members or len(members) < 2:
        return ()
    if shown in pair and set(pair) <= set(members):
        return pair
    if before in members and before != shown:
        return (before, shown)
    return (shown, members[(members.index(shown) + 1) % len(members)])
