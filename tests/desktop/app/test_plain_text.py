"""Text of strangers in every place of the real window: it is shown as it is written."""

import ast
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QTextDocument
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QToolTip,
)  # fmt: skip

from desktop.library.card import ModelCard
from desktop.library.rows import ModelRow
from desktop.state.settings import Settings
from desktop.widgets import plain, question
from desktop.widgets.question import Question
from engine.models.catalogue import built_in_catalogue
from tests.bridge.osc_client import TestClient
from tests.desktop.window import type_prompt, wait, windows, with_fake_models
from tests.fakes.clips import CLIP_ID, clip_of, grid_of

ROOT = Path(__file__).resolve().parents[3]
HOSTILE = '<img src="/dev/zero"> A&B'
FILE_NAME = '<img src="zero"> A&B'
FILES = sorted((ROOT / "desktop").rglob("*.py"))


@pytest.fixture
def crowded(qapp, tmp_path, player, kept, qtbot, monkeypatch):
    """The window, with a stranger's text wherever text comes from outside."""
    monkeypatch.setenv("LOOPWRIGHT_MODELS", str(tmp_path / "models"))
    player.devices = [HOSTILE]
    _write_clips(tmp_path / FILE_NAME)
    settings = Settings(prompts=[f"slow {HOSTILE}"], device=HOSTILE)
    with windows(qapp, tmp_path / FILE_NAME, player, kept) as open_:
        desktop = open_(settings, make_engine=with_fake_models)
        _choose_clip(qtbot, desktop)
        _run_job(qtbot, desktop)
        _choose_model(desktop)
        _use_source(desktop)
        desktop.notices.error(HOSTILE, detail=HOSTILE)
        with TestClient(desktop.bridge.state.port) as client:
            _be_a_daw(qtbot, desktop, client)
            yield desktop


def _write_clips(project):
    project.mkdir()
    mark = '{"clips": {"bcde2345": {"title": TEXT, "tags": [TEXT]}}}'
    text = msgspec.json.encode(HOSTILE).decode()
    (project / "loopwright.json").write_text(mark.replace("TEXT", text), "utf-8")
    for clip_id in (CLIP_ID, "bcde2345"):
        name = f"loop_128bpm_4bars_{clip_id}.wav"
        (project / name).write_bytes(clip_of(grid_of(), title=HOSTILE))


def _choose_clip(qtbot, desktop):
    wait(qtbot, lambda: [row.recipe is None for row in desktop.collection.shown] == [False] * 2)
    desktop.window.clips.choose(CLIP_ID)
    desktop.window.findChild(QAction, "put_on_pad").trigger()


def _run_job(qtbot, desktop):
    panel = desktop.window.prompt_panel
    panel.model.addItem("fake", "fake")
    panel.model.setCurrentText("fake")
    type_prompt(qtbot, desktop, f"slow {HOSTILE}")
    wait(qtbot, lambda: len(desktop.open_jobs) == 1)
    panel.prompt.setPlainText("")
    panel.prompt.setFocus()


def _choose_model(desktop):
    entry = built_in_catalogue().entry("musicldm")
    odd = msgspec.structs.replace(
        entry, id=HOSTILE, name=HOSTILE, good_for=HOSTILE, licence=HOSTILE
    )
    row = ModelRow(entry=odd, state="ready", folder=desktop.project, problem=HOSTILE)
    desktop.odd_card = ModelCard(row)
    desktop.odd_card.ask_to_download()
    desktop.window.prompt_panel.show_models([row])
    desktop.window.prompt_panel.choose_model(HOSTILE)


def _use_source(desktop):
    sound = desktop.project.parent / f"{FILE_NAME}.wav"
    sound.write_bytes(clip_of(grid_of()).replace(b"lwrc", b"junk"))
    desktop.sources.use(sound, None)
    assert desktop.window.prompt_panel.source.path == sound


def _be_a_daw(qtbot, desktop, client):
    client.ask("/lw/register", HOSTILE, 0)
    client.send("/lw/host/tempo", 97.0)
    client.send(f"/lw/{HOSTILE}", HOSTILE)
    status = desktop.window.status.bridge
    wait(qtbot, lambda: status.text() == "1 program connected")
    desktop.window.findChild(QAction, "open_daw").trigger()
    desktop.window.detail.show_daw(HOSTILE)


def test_outside_text_is_never_rendered_as_html_or_a_shortcut(crowded):
    widgets = [*QApplication.allWidgets(), crowded.odd_card]
    labels = [each for each in widgets if isinstance(each, QLabel)]
    assert sum(HOSTILE in each.text() for each in labels) >= 5
    assert {each.textFormat() for each in labels} == {Qt.TextFormat.PlainText}
    tips = [each.toolTip() for each in widgets] + list(_item_tips(widgets))
    assert sum("&lt;img" in tip for tip in tips) >= 6
    assert [tip for tip in tips if "<img" in tip and GuiQt.mightBeRichText(tip)] == []
    captions = [each.text() for each in widgets if isinstance(each, QAbstractButton)]
    captions += [each.text() for each in crowded.window.findChildren(QAction)]
    assert sum("A&&B" in caption for caption in captions) >= 3
    assert [caption for caption in captions if "&" in caption.replace("&&", "")] == []


def _item_tips(widgets):
    for view in widgets:
        if isinstance(view, QAbstractItemView) and view.model() is not None:
            model = view.model()
            for row in range(model.rowCount()):
                yield model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) or ""


def test_a_clip_tooltip_opens_no_file(crowded, qtbot):
    tip = crowded.window.clips.model().index(0).data(Qt.ItemDataRole.ToolTipRole)
    QToolTip.showText(crowded.window.pos(), tip, crowded.window.clips)
    assert HOSTILE in _as_read(QToolTip.text())
    QToolTip.hideText()
    wait(qtbot, lambda: not QToolTip.isVisible())


def _as_read(text):
    document = QTextDocument()
    document.setHtml(text)
    return document.toPlainText()


@pytest.mark.parametrize("text", [HOSTILE, "a\n<b>b</b>", "<table>", "1 < 2 > 0 &amp;", "<br/>x"])
def test_a_tooltip_shows_text_literally(text):
    tip = plain.plain_tip(text)
    assert (_as_read(tip) if GuiQt.mightBeRichText(tip) else tip) == text


def test_a_long_tooltip_is_wrapped_between_words():
    lines = plain.plain_tip(f"{'word ' * 40}/{'path' * 30}").split("\n")
    assert all(len(line) <= 60 for line in lines[:-1])
    assert lines[-1] == f"/{'path' * 30}"


def test_questions_show_text_literally(qtbot, desktop):
    formats = []

    def answer():
        (sheet,) = desktop.window.findChildren(Question)
        formats.append({each.textFormat() for each in sheet.findChildren(QLabel) if each.text()})
        assert question.ask(desktop.window, "And this?", ("No", "Yes")) == "No"  # one at a time
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)

    QTimer.singleShot(0, desktop.window, answer)
    assert question.ask(desktop.window, HOSTILE, ("No", "Yes")) == "No"
    assert formats == [{Qt.TextFormat.PlainText}]


def test_labels_and_dialogs_are_created_by_the_plain_text_helpers():
    makers = {"QLabel", "QMessageBox", "QInputDialog", "QTextEdit", "QTextBrowser", "QErrorMessage"}
    made = {
        (path.name, node.func.id)
        for path, node in _calls()
        if isinstance(node.func, ast.Name) and node.func.id in makers
    }
    assert made == {("plain.py", "QLabel")}


def test_every_tooltip_is_fixed_text_or_uses_plain_tip():
    loose = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, node in _calls()
        if isinstance(node.func, ast.Attribute)
        and node.func.attr in {"setToolTip", "setStatusTip", "setWhatsThis"}
        and not _is_plain(node.args[0])
    ]
    assert loose == []


def _calls():
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield path, node


def _is_plain(node) -> bool:
    """Return whether a text is written in the code, or has gone through `plain_tip`."""
    match node:
        case ast.Constant(value=text):
            return len(text) <= 80  # longer ones are wrapped
        case ast.JoinedStr(values=values):
            return all(_is_plain(each) for each in values)
        case ast.FormattedValue(value=value):
            return _is_plain(value)
        case ast.IfExp(body=body, orelse=orelse):
            return _is_plain(body) and _is_plain(orelse)
        case ast.Call(func=ast.Name(id=name)):
            return name in {"plain_tip", "shortcut_of"}
    return isinstance(node, ast.Name) and node.id.startswith("_")
