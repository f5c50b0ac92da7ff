"""Files that are dragged over the window."""

import pytest
from PySide6.QtCore import QMimeData, QSysInfo, QUrl

from desktop.widgets.drops import audio_files, local_files

HERE = QSysInfo.machineHostName()


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///tmp/a.wav", "/tmp/a.wav"),
        ("file://localhost/tmp/a.wav", "/tmp/a.wav"),
        ("file://LOCALHOST/tmp/a.wav", "/tmp/a.wav"),
        ("file://127.0.0.1/tmp/a.wav", "/tmp/a.wav"),
        (f"file://{HERE}/tmp/a.wav", "/tmp/a.wav"),
        ("file:/tmp/a.wav", "/tmp/a.wav"),
        ("file:///tmp/a%20b%23%25%C3%A9.wav", "/tmp/a b#%é.wav"),
        ("file:///tmp/e%CC%81.wav", "/tmp/e\u0301.wav"),
        ("file://server/share/a.wav", "//server/share/a.wav"),
    ],
)
def test_local_urls_are_files_however_written(url, path):
    data = QMimeData()
    data.setUrls([QUrl(url), QUrl("https://example.org/b.wav")])
    assert [str(file) for file in local_files(data)] == [path]
    assert audio_files(data) == local_files(data)


def test_a_drag_of_other_files_has_no_audio():
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(f"/tmp/{name}") for name in ("a.txt", "b.MP3", "c.AIF", "d")])
    assert [file.name for file in audio_files(data)] == ["b.MP3", "c.AIF"]
