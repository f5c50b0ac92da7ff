"""Whose turn it is in a studio: everybody's, however much others have asked for."""

from engine.studio.turns import Part, Seat, Turns

READY = frozenset({"sketch", "big"})


def seats(*loaded: str) -> list[Seat]:
    return [Seat(f"box {number}", READY, model) for number, model in enumerate(loaded)]


def played(turns, seats) -> list[Part]:
    """Give out all turns that there are seats for."""
    given = []
    while (turn := turns.next(seats)) is not None:
        part, seat = turn
        seat.part = part
        given.append(part)
    return given


def pack(musician="packer", jobs=50, first=0) -> list[Part]:
    return [Part(musician, job, "sketch") for job in range(first, first + jobs)]


def test_a_pack_has_every_seat_until_somebody_comes_and_then_waits_for_one_take():
    turns, room = Turns(), seats("", "")
    for part in pack():
        turns.add(part)
    assert [part.job for part in played(turns, room)] == [0, 1]
    single = Part("one loop", 100, "sketch")
    turns.add(single)
    room[0].part = None
    assert played(turns, room) == [single]
    room[1].part = None
    assert [part.job for part in played(turns, room)] == [2]


def test_musicians_take_turns_and_their_own_jobs_keep_their_order():
    turns, room = Turns(), seats("")
    for name in ("a", "b", "c"):
        for part in pack(name, 3, first=10 * (ord(name) - ord("a"))):
            turns.add(part)
    assert list(turns.order()) == [0, 10, 20, 1, 11, 21, 2, 12, 22]
    order = []
    for _ in range(9):
        (part,) = played(turns, room)
        order.append(part.job)
        room[0].part = None
    assert order == [0, 10, 20, 1, 11, 21, 2, 12, 22]
    assert played(turns, room) == []


def test_a_take_goes_where_its_model_is_in_memory_else_where_there_is_room():
    turns = Turns()
    warm = seats("sketch", "", "big")
    turns.add(Part("a", 1, "big"))
    played(turns, warm)
    assert [seat.part is not None for seat in warm] == [False, False, True]
    turns.add(Part("a", 2, "big"))
    played(turns, warm)
    assert [seat.part is not None for seat in warm] == [False, True, True]


def test_a_model_is_waited_for_where_it_is_and_meanwhile_others_go_on():
    turns = Turns()
    room = [Seat("small", frozenset({"sketch"})), Seat("large", READY)]
    first, second, other = Part("a", 1, "big"), Part("a", 2, "big"), Part("b", 3, "sketch")
    for part in (first, second, other):
        turns.add(part)
    assert played(turns, room) == [first, other]
    room[0].part = None
    assert played(turns, room) == []
    room[1].part = None
    assert played(turns, room) == [second]


def test_a_model_that_no_box_has_fails_somewhere_and_does_not_wait_for_ever():
    turns, room = Turns(), seats("")
    turns.add(Part("a", 1, "missing"))
    assert [part.job for part in played(turns, room)] == [1]


def test_what_was_begun_before_comes_first_and_what_was_cancelled_not_at_all():
    turns, room = Turns(), seats("")
    parts = pack(jobs=3)
    for part in parts[:2]:
        turns.add(part)
    turns.add(parts[2], first=True)
    turns.remove(parts[0])
    assert turns.waiting() == {"packer": [parts[2], parts[1]]}
    assert played(turns, room) == [parts[2]]
