"""The page that makes packs, in the whole window with real engine processes."""

import json

import pytest
from PySide6.QtCore import Qt

from desktop.state.pack_form import PackForm
from desktop.state.settings import Settings
from tests.desktop.window import answer_questions, type_prompt, wait, with_fake_models

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def open_page(qtbot, open_desktop):
    """Call it with a form to open the window on the page."""

    def opened(**form):
        desktop = open_desktop(
            Settings(pack=PackForm(vendor="Nord Audio", name="Tapes", **form)),
            make_engine=with_fake_models,
        )
        wait(qtbot, lambda: bool(desktop.models.states.usable))
        offered = {each.objectName(): each for each in project_menu(desktop).actions()}
        assert set(offered) == {"choose_project", "show_trash", "make_pack", "choose_engine"}
        offered["make_pack"].trigger()
        page = desktop.packs.page
        wait(qtbot, lambda: page.said.text() != "")
        return desktop, page

    return opened


def project_menu(desktop):
    return desktop.window.transport.project_menu


def shown(page):
    items = page.run.items
    return [items.data(items.index(row)) for row in range(items.rowCount())]


def names(folder):
    return sorted(path.name for path in folder.rglob("*.wav"))


def test_an_empty_form_is_no_error_yet(open_page):
    _desktop, page = open_page()
    assert page.said.text() == "Type what to play, one prompt in each line."
    assert page.said.property("kind") == "muted"


def test_a_pack_is_filled_in_made_and_continued(qtbot, open_page):
    desktop, page = open_page(prompts="house drums", count=1, bars=1, zipped=True)
    assert page.form.model.currentText() == "Sketch"
    qtbot.keyClicks(page.form.tempos, "fast")
    wait(qtbot, lambda: "'fast' is not a number" in page.said.text())
    assert not page.make.isEnabled()
    page.form.tempos.clear()
    qtbot.keyClicks(page.form.tempos, "120; 90")
    wait(qtbot, lambda: page.make.text() == "Make 2 loops")
    qtbot.mouseClick(page.make, LEFT)
    wait(qtbot, lambda: not desktop.packs.busy)
    folder = desktop.project / "packs" / "NordAudio_Tapes"
    assert names(folder) == ["NAT_120_drums_house_01.wav", "NAT_90_drums_house_01.wav"]
    assert shown(page) == [f"Drums/{name}" for name in names(folder)]
    assert folder.with_name("NordAudio_Tapes.zip").name in page.run.said.text()
    assert page.run.folder.isVisible()
    page.form.count.setFocus()
    qtbot.keyClick(page.form.count, Qt.Key.Key_Up)
    wait(qtbot, lambda: page.make.text() == "Continue: 2 to go")
    assert desktop.settings.pack.tempos == "120; 90"


def test_a_list_says_its_line_and_what_was_left_out(qtbot, open_page, tmp_path):
    path = tmp_path / "tones.csv"
    path.write_text("prompt,model,bars,bpm\ntone,fake,1,120\nother,fake,1,fast\n", "utf-8")
    desktop, page = open_page(from_list=True, list=str(path))
    assert page.said.text().startswith("line 3:")
    path.write_text("prompt,model,bars,bpm\ntone,fake,1,120\nother,fake,1,120\n", "utf-8")
    page.form.use_list(path)
    wait(qtbot, page.make.isEnabled)
    qtbot.mouseClick(page.make, LEFT)
    wait(qtbot, lambda: not desktop.packs.busy)
    first, second = shown(page)
    assert second == f"Left out: other is a near-duplicate of {first}"
    assert "1 left out" in page.run.said.text()


def test_a_pack_pauses_lets_a_loop_pass_and_goes_on_after_a_stop(qtbot, open_page, tmp_path):
    path = tmp_path / "drums.csv"
    path.write_text("prompt,bars,bpm,count\nhouse drums,1,120,40\n", "utf-8")
    desktop, page = open_page(from_list=True, list=str(path))
    wait(qtbot, page.make.isEnabled)
    qtbot.mouseClick(page.make, LEFT)
    wait(qtbot, lambda: page.run.items.rowCount() > 0)
    qtbot.mouseClick(page.run.pause, LEFT)
    type_prompt(qtbot, desktop, "round bass, 1 bar, 120 bpm")
    wait(qtbot, lambda: desktop.collection.total == 1)
    done = page.run.items.rowCount()
    assert done < 40
    questions = answer_questions("Stay")
    assert not desktop.window.close()
    assert questions == ["A pack is being made. You can continue it next time."]
    qtbot.mouseClick(page.run.pause, LEFT)
    wait(qtbot, lambda: page.run.items.rowCount() > done)
    qtbot.mouseClick(page.run.stop, LEFT)
    wait(qtbot, lambda: not desktop.packs.busy)
    folder = desktop.project / "packs" / "NordAudio_Tapes"
    wait(qtbot, lambda: page.make.text() == f"Continue: {40 - len(names(folder))} to go")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert len(manifest["loops"]) == len(names(folder))
