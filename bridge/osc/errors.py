"""The errors of the bridge: a packet that is none, and a request that cannot be met."""

BAD_ARGUMENTS = 400
UNKNOWN = 404
BUSY = 409
TOO_LONG = 413
CANCELLED = 499
ENGINE_FAILED = 500
NOT_THERE = 503


class MalformedPacket(ValueError):
    """A datagram that is no OSC, or more of it than is taken. It gets no reply."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The datagram is no OSC message: {reason}.")


class RequestFailed(Exception):
    """A request that ends in `/lw/fail`, with one of the codes above and a sentence."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class PortTaken(OSError):
    """Somebody else, most likely another bridge, listens where this one would."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} of {host} is taken, most likely by another bridge: "
            "use that one, or choose another port with --port."
        )


class AddressUnusable(OSError):
    """The address to listen on is none of this machine."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"The bridge cannot listen on {host[:60]!r}, port {port} ({reason}): "
            "leave --listen and --port out, or name an address of this machine."
        )


def shown(value: object) -> str:
    """Return a value from the wire as it may stand in a sentence: quoted, and short."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
