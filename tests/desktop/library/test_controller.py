"""The page of models as it is used: the real engine, and the real client of a hub on loopback."""

import shutil
import sys

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog

from desktop.library.card import NARROW_PX
from engine.client import EngineClient, Limits
from engine.models.catalogue import built_in_catalogue
from engine.models.needs import Capacity
from engine.models.store import ModelStore
from tests.desktop.window import LIMIT_MS, answer_questions, type_prompt, wait
from tests.fakes import checkpoints
from tests.fakes.checkpoints import weights_file, write
from tests.fakes.front_end import engine_fails
from tests.fakes.hub import UNET, hub_with_musicldm
from tests.fakes.tiny_checkpoints import write_musicldm

REPO = "ucsd-reach/musicldm"


@pytest.fixture
def hub(monkeypatch):
    with hub_with_musicldm(REPO) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


@pytest.fixture
def models(hub, desktop, qtbot):
    """The models' controller, with its page open; it needs the hub, so that the engine finds it."""
    assert hub
    desktop.window.findChild(QAction, "open_models").trigger()
    controller = desktop.models
    wait(qtbot, lambda: state(controller) == "not downloaded")
    return controller


def state(controller, model="musicldm"):
    return controller.states.row(model).state


def card(controller, model="musicldm"):
    return controller.page.cards[model]


def click(qtbot, button):
    wait(qtbot, lambda: button.isVisible() and button.height() > 10)  # it has its place
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def download(qtbot, controller):
    click(qtbot, card(controller).buttons["download"])
    click(qtbot, card(controller).yes)


def test_every_model_is_on_the_page_with_licence_size_memory_and_rate(models):
    assert len(models.page.cards) == len(built_in_catalogue().entries)
    assert card(models, "sketch").badge.text() == "Yours"
    shown = card(models)
    assert (shown.name.text(), shown.badge.text()) == ("MusicLDM", "Non-commercial")
    assert shown.sound.text() == "Soft highs, mono"
    assert shown.licence.text().startswith("CC-BY-NC-SA-4.0: not for commercial use")
    facts = " ".join(shown.toolTip().split())  # as it may be wrapped
    for fact in ("2.0 GB on disk", "2.9 GB of memory", "16 kHz mono"):
        assert fact in facts
    assert "free on disk" in models.page.room.text()
    assert models.page._names.isVisible() == (shown.width() >= NARROW_PX)
    limited = card(models, "stable-audio-open")
    assert "less than 1 million US dollars of revenue" in limited.licence.text()
    assert limited.badge.text() == "Yours"


def test_what_runs_here_comes_first_and_what_is_too_large_cannot_be_got(qtbot, models):
    page = models.page
    room = Capacity(disk_free=10**12, memory=8 * 10**9)
    wait(qtbot, lambda: state(models) == "not downloaded")
    page.show_rows([models.states.row(each) for each in page.cards], room)
    large = card(models, "musicgen-large").buttons["download"]
    assert (large.text(), large.isEnabled()) == ("Too large here", False)
    wait(qtbot, lambda: card(models, "musicgen-large").isVisible())
    tops = {each: card(models, each).mapTo(page, QPoint()).y() for each in page.cards}
    assert min(tops, key=tops.get) == "sketch"
    qtbot.mouseClick(page.view.buttons["Yours to sell"], Qt.MouseButton.LeftButton)
    shown = {each for each in page.cards if card(models, each).isVisible()}
    assert {"sketch", "stable-audio-open"} <= shown
    assert "musicldm" not in shown


def test_a_card_says_how_long_a_take_took_here(qtbot, desktop, models, kept):
    assert (card(models, "sketch").take.text(), card(models).take.text()) == ("–", "–")
    card(models).resize(500, 100)
    assert not card(models).take.isVisible(), "a narrow card has no name of the column above it"
    type_prompt(qtbot, desktop, "house drums, 1 bar")
    wait(qtbot, lambda: card(models, "sketch").take.text().startswith("4 bars in "))
    desktop.close()
    assert kept[-1].take_times[""]["sketch"] > 0


def test_the_page_opens_and_closes_by_button_and_escape(qtbot, desktop):
    pages = desktop.window.pages
    click(qtbot, desktop.window.transport.models_button)
    assert pages.page_id == "models"
    qtbot.keyClick(desktop.window, Qt.Key.Key_Escape)
    assert pages.page_id == ""


def test_licence_and_needs_are_shown_before_anything_is_fetched(qtbot, models, hub):
    click(qtbot, card(models).buttons["download"])
    question = card(models).question.text()
    for fact in ("CC-BY-NC-SA-4.0", REPO, "about 2.0 GB of disk space", "of memory for 8 seconds"):
        assert fact in question
    click(qtbot, card(models).no)
    assert not card(models).yes.isVisible()
    assert hub.requests == []
    assert state(models) == "not downloaded"


def test_a_model_can_be_downloaded_used_checked_and_removed(qtbot, desktop, models):
    download(qtbot, models)
    wait(qtbot, lambda: state(models) == "ready")
    wait(qtbot, lambda: "Downloaded and checked" in desktop.window.notices.text.text())
    click(qtbot, card(models).buttons["check"])
    wait(qtbot, lambda: "musicldm is complete" in desktop.window.notices.text.text())
    wait(qtbot, lambda: state(models) == "ready")
    assert card(models, "sketch").used.isVisible()
    click(qtbot, card(models).buttons["use"])
    assert desktop.window.prompt_panel.form().model == "musicldm"
    assert desktop.window.pages.page_id == ""
    desktop.models.toggle_page()
    wait(qtbot, card(models).used.isVisible)
    assert not card(models).buttons["use"].isVisible()
    assert card(models, "sketch").buttons["use"].isVisible()
    click(qtbot, card(models).buttons["remove"])
    assert "You can download them again" in card(models).question.text()
    click(qtbot, card(models).yes)
    wait(qtbot, lambda: state(models) == "not downloaded")
    wait(qtbot, lambda: "and freed" in desktop.window.notices.text.text())


def test_a_download_shows_progress_and_resumes_after_cancelling(qtbot, desktop, models, hub):
    hub.stalled[UNET] = 500_000
    download(qtbot, models)
    wait(qtbot, lambda: models.states.row("musicldm").fraction > 0)
    assert hub.reached.wait(LIMIT_MS / 1000)
    assert card(models).bar.isVisible()
    assert card(models).state.text().startswith("Downloading ")
    button = desktop.window.transport.models_button
    assert button.text().startswith("Models ")
    assert button.text().endswith(" %")
    click(qtbot, card(models).buttons["cancel"])
    wait(qtbot, lambda: models.states.row("musicldm").resumable)
    assert button.text() == "Models"
    assert card(models).buttons["download"].text() == "Resume…"
    hub.go_on.set()
    hub.requests.clear()
    download(qtbot, models)
    wait(qtbot, lambda: state(models) == "ready")
    assert weights_file("vae") not in hub.fetched()


def test_a_failed_download_shows_the_reason_and_can_be_retried(qtbot, models, hub):
    hub.status["api"] = 500
    download(qtbot, models)
    wait(qtbot, lambda: state(models) == "not downloaded" and card(models).problem.isVisible())
    assert "the hub answered with status 500; try again" in card(models).problem.text()
    hub.status.clear()
    download(qtbot, models)
    wait(qtbot, lambda: state(models) == "ready")
    assert not card(models).problem.isVisible()


def test_a_check_finds_a_flipped_byte_and_a_download_repairs_it(qtbot, models, hub, tmp_path):
    download(qtbot, models)
    wait(qtbot, lambda: state(models) == "ready")
    path = tmp_path / "models" / "musicldm" / "checkpoint" / UNET
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    click(qtbot, card(models).buttons["check"])
    wait(qtbot, lambda: state(models) == "damaged" and card(models).problem.isVisible())
    assert card(models).problem.text().startswith(f"{UNET} has changed since it was downloaded")
    assert card(models).buttons["download"].text() == "Repair…"
    hub.requests.clear()
    download(qtbot, models)
    wait(qtbot, lambda: state(models) == "ready")
    assert path.read_bytes() == data
    assert hub.fetched().count(UNET) == 1
    assert weights_file("vae") not in hub.fetched()


def test_a_download_does_not_start_on_too_small_a_disk(qtbot, models, monkeypatch, hub):
    usage = shutil.disk_usage("/")._replace(free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage)
    models.toggle_page()
    models.toggle_page()
    wait(qtbot, lambda: models.page.room.text().startswith("1.0 GB free"))
    click(qtbot, card(models).buttons["download"])
    assert "free some space first" in card(models).question.text()
    assert not card(models).yes.isEnabled()
    assert hub.requests == []


def choose(monkeypatch, folder):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))


def test_a_user_folder_is_a_model_until_it_is_removed(
    qtbot, desktop, models, monkeypatch, tmp_path
):
    folder = write(tmp_path / "My pads", checkpoints.musicgen())
    choose(monkeypatch, folder)
    click(qtbot, models.page.add_button)
    wait(qtbot, lambda: "my-pads" in models.page.cards)
    assert state(models, "my-pads") == "ready"
    assert card(models, "my-pads").sound.text() == "Clear highs, mono"
    panel = desktop.window.prompt_panel
    assert panel.model.findData("my-pads") >= 0
    click(qtbot, card(models, "my-pads").buttons["remove"])
    wait(qtbot, lambda: "my-pads" not in models.page.cards)
    assert panel.model.findData("my-pads") < 0
    assert (folder / "config.json").is_file()


def test_command_line_changes_are_seen_when_the_window_is_activated(qtbot, models, tmp_path):
    ModelStore(built_in_catalogue()).add_folder(write(tmp_path / "My pads", checkpoints.musicgen()))
    assert "my-pads" not in models.page.cards
    QGuiApplication.instance().applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    wait(qtbot, lambda: "my-pads" in models.page.cards)


def test_a_refused_folder_names_the_file_and_the_reason(
    qtbot, desktop, models, monkeypatch, tmp_path
):
    folder = write(tmp_path / "mine", checkpoints.musicldm() | {"evil.py": b""})
    choose(monkeypatch, folder)
    click(qtbot, models.page.add_button)
    wait(qtbot, desktop.window.notices.isVisible)
    text = desktop.window.notices.text.text()
    assert text.startswith(f"Folder {folder} is not used as a model: evil.py")
    assert len(models.page.cards) == len(built_in_catalogue().entries)


def test_a_changed_folder_says_so_and_can_be_removed(qtbot, models, monkeypatch, tmp_path):
    folder = write(tmp_path / "mine", checkpoints.musicldm())
    choose(monkeypatch, folder)
    click(qtbot, models.page.add_button)
    wait(qtbot, lambda: "mine" in models.page.cards)
    shutil.rmtree(folder / "unet")
    models.toggle_page()
    models.toggle_page()
    wait(qtbot, lambda: state(models, "mine") == "damaged")
    assert "unet" in card(models, "mine").problem.text()
    click(qtbot, card(models, "mine").buttons["remove"])
    wait(qtbot, lambda: "mine" not in models.page.cards)


def test_closing_during_a_download_asks_once(qtbot, desktop, models, hub):
    hub.stalled[UNET] = 0
    download(qtbot, models)
    assert hub.reached.wait(LIMIT_MS / 1000)
    questions = answer_questions("Stay")
    assert not desktop.window.close()
    assert questions == ["A download is in progress. It will resume next time."]
    hub.go_on.set()
    click(qtbot, card(models).buttons["cancel"])
    wait(qtbot, lambda: not models.busy)


def test_a_missing_model_is_offered_for_download(qtbot, desktop, models, hub):
    models.toggle_page()
    panel = desktop.window.prompt_panel
    panel.fill("warm pad")
    panel.model.setCurrentIndex(panel.model.findData("musicldm"))
    click(qtbot, panel.generate)
    wait(qtbot, lambda: desktop.window.pages.page_id == "models")
    wait(qtbot, card(models).yes.isVisible)
    text = desktop.window.notices.text.text
    wait(qtbot, lambda: text() == "MusicLDM is not downloaded: download it here first.")
    assert len(desktop.open_jobs) == 0
    assert hub.requests == []


def test_a_folder_dropped_on_the_page_is_added(qtbot, models, tmp_path):
    folder = write(tmp_path / "dropped", checkpoints.musicgen())
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "no file")), QUrl.fromLocalFile(str(folder))])
    action, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    for event in (
        QDragEnterEvent(QPoint(9, 9), action, data, left, none),
        QDropEvent(QPointF(9, 9), action, data, left, none),
    ):
        QApplication.sendEvent(models.page, event)
        assert event.isAccepted()
    wait(qtbot, lambda: "dropped" in models.page.cards)


@engine_fails
def test_without_an_engine_downloads_fail_clearly_and_removal_works(qtbot, open_desktop, tmp_path):
    dead = [sys.executable, "-c", "raise SystemExit(1)"]
    desktop = open_desktop(
        make_engine=lambda on_event, on_exit: EngineClient(
            on_event, on_exit=on_exit, command=dead, limits=Limits(restarts=0)
        )
    )
    wait(qtbot, desktop.window.status.restart.isVisible)
    controller = desktop.models
    controller.toggle_page()
    controller.page.folder_chosen.emit(write(tmp_path / "mine", checkpoints.musicgen()))
    wait(qtbot, lambda: "mine" in controller.page.cards)
    click(qtbot, card(controller, "mine").buttons["remove"])
    wait(qtbot, lambda: "mine" not in controller.page.cards)
    download(qtbot, controller)
    wait(
        qtbot,
        lambda: state(controller) == "not downloaded" and card(controller).problem.isVisible(),
    )
    assert "engine" in card(controller).problem.text().lower()


def test_a_question_on_a_card_is_scrolled_into_view(qtbot, models):
    last = list(models.page.cards)[-1]
    models.page.show_offer(last)

    def in_view():
        yes, view = card(models, last).yes, models.page
        corner = yes.mapTo(view, yes.rect().bottomRight())
        return yes.height() > 10 and view.rect().contains(corner)

    wait(qtbot, in_view)


@pytest.fixture
def tiny(hub, tmp_path):
    """The hub has a checkpoint that can be run; made before the window, for torch has threads."""
    folder = write_musicldm(tmp_path / "tiny")
    files = [path for path in folder.rglob("*") if path.is_file()]
    hub.repos[REPO] = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
def test_a_new_model_generates_with_the_panels_settings(qtbot, desktop, hub, models):
    download(qtbot, models)
    wait(qtbot, lambda: state(models) == "ready")
    hub.status["api"] = 500
    hub.requests.clear()
    click(qtbot, card(models).buttons["use"])
    panel = desktop.window.prompt_panel
    panel.advanced.put("steps", 2)
    panel.fill("warm pad, 120 bpm, 1 bar", seed=7)
    click(qtbot, panel.generate)
    wait(qtbot, lambda: panel.about_model.text.text().startswith("loading"))
    wait(qtbot, lambda: panel.about_model.text.text().startswith("ready"))
    wait(qtbot, lambda: desktop.collection.total == 1 and len(desktop.open_jobs) == 0)
    recipe = desktop.collection.row_at(0).recipe
    assert (recipe.model.id, recipe.model.commercial_use) == ("musicldm", False)
    assert (recipe.request.steps, recipe.request.seed) == (2, 7)
    assert hub.requests == []
