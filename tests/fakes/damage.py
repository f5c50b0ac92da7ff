"""Damage to a file, as disks, networks and programs do it."""

import random
import struct


def damage(data: bytearray, at: int, dice: random.Random) -> None:
    """Damage data at a place, in one of six ways; something of it is always left."""
    match dice.randrange(6):
        case 0:
            data[at : at + 1] = bytes([dice.randrange(256)])
        case 1:
            value = dice.choice((0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32 - 8))
            data[at : at + 4] = struct.pack(dice.choice("<>") + "I", value)
        case 2:
            del data[at:]
        case 3:
            data[at:at] = dice.randbytes(dice.randint(1, 300))
        case 4:
            del data[at : at + dice.randint(1, 300)]
        case 5:
            data[at:at] = data[at : at + 600]
    if not data:
        data += b"R"
