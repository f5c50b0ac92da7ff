"""The errors of the bridge: malformed packets, failed requests, and unusable ports."""

BAD_ARGUMENTS = 400
UNKNOWN = 404
BUSY = 409
TOO_LONG = 413
CANCELLED = 499
ENGINE_FAILED = 500
NOT_THERE = 503


class MalformedPacket(ValueError):
    """A datagram that is not OSC, or exceeds a limit. It gets no reply."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The datagram is not a valid OSC message: {reason}.")


class RequestFailed(Exception):
    """A request that ends in `/lw/fail`, with one of the codes above and a sentence."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class PortTaken(OSError):
    """The port is in use, most likely by another bridge."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} of {host} is in use, most likely by another bridge: "
            "use that bridge, or choose another port with --port."
        )


class AddressUnusable(OSError):
    """The address to listen on does not belong to this machine."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"The bridge cannot listen on {host[:60]!r}, port {port} ({reason}): "
            "leave --listen and --port out, or use an address of this machine."
        )


def shown(value: object) -> str:
    """Return a received value for use in a sentence: quoted and short."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
