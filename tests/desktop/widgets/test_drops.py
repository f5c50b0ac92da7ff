"""Files that are dragged over the window."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl

from desktop.widgets.drops import audio_files, local_files


@pytest.mark.parametrize("url", ["file:///tmp/a.wav", "file://localhost/tmp/a.wav"])
def test_a_file_of_this_machine_is_one_however_its_url_is_written(url):
    data = QMimeData()
    data.setUrls([QUrl(url), QUrl("https://example.org/b.wav")])
    assert local_files(data) == audio_files(data) == [Path("/tmp/a.wav")]
