"""The sound library for tests, with devices that come and go: as much of it as the player uses."""

import numpy as np


class PortAudioError(Exception):
    """What the library raises."""


class SoundLibrary:
    """Stands in for the module `sounddevice`; `plug` and `unplug` change the devices."""

    PortAudioError = PortAudioError

    def __init__(self, *names: str) -> None:
        self._plugged = list(names)
        self._known = list(names)
        self.streams: list[Stream] = []

    def plug(self, name: str) -> None:
        self._plugged.append(name)

    def unplug(self, name: str) -> None:
        """Remove a device: streams on it end, but the list stays as it was last queried."""
        self._plugged.remove(name)
        for stream in self.streams:
            if stream.name == name:
                stream.active = False

    def query_devices(self, kind=None):
        devices = [{"name": name, "max_output_channels": 2} for name in self._known]
        if kind is None:
            return devices
        if not devices:
            raise PortAudioError("Error querying device -1")
        return devices[0]

    def _terminate(self) -> None:
        for stream in self.streams:
            stream.active = False

    def _initialize(self) -> None:
        self._known = list(self._plugged)

    def OutputStream(self, *, device, callback, **_format):  # noqa: N802 - the library's name
        name = self._known[device or 0] if self._known else ""
        if name not in self._plugged:
            raise PortAudioError("Error opening OutputStream: Device unavailable")
        stream = Stream(name, callback)
        self.streams.append(stream)
        return stream


class Stream:
    """A stream whose blocks are played by `run`."""

    latency = 0.0

    def __init__(self, name: str, callback) -> None:
        self.name = name
        self.active = False
        self._callback = callback

    def start(self) -> None:
        self.active = True

    def close(self, *, ignore_errors: bool) -> None:
        assert ignore_errors
        self.active = False

    def run(self, frames: int = 512):
        out = np.empty((frames, 2), dtype=np.float32)
        self._callback(out, frames, None, _NoStatus)
        return out


class _NoStatus:
    output_underflow = False
