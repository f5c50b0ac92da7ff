"""Search, chips, views and collections in the window, and what it says when nothing is found."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QToolButton

from desktop.clips.filters import View
from desktop.clips.rows import Mark
from engine.loops.precedence import SessionTime
from tests.desktop.window import wait, without_engine
from tests.fakes.clips import clip_of, grid_of

LEFT = Qt.MouseButton.LeftButton
LOOPS = {"abcd2345": ("warm bass", "D minor", 4), "bcde2345": ("cold lead", "E minor", 2)}


@pytest.fixture
def desktop(open_desktop, qtbot):
    """A window with a bass in D minor and a lead in E minor; the session is in D minor."""
    desktop = open_desktop(make_engine=without_engine)
    for clip_id, (title, key, bars) in LOOPS.items():
        path = desktop.project / f"{title.replace(' ', '-')}_128bpm_{bars}bars_{clip_id}.wav"
        path.write_bytes(clip_of(grid_of(bars=bars), title=title, key=key))
    desktop.folder.refresh()
    wait(qtbot, lambda: len([row for row in desktop.collection.shown if row.recipe]) == 2)
    time = SessionTime(bpm=128.0, meter="4/4", key="D minor", bars=4)
    desktop.window.transport.show_time(time)
    return desktop


def shown(desktop):
    return {row.shown_title for row in desktop.collection.shown}


def open_menu(qtbot, desktop, chip):
    qtbot.mouseClick(chip, LEFT)
    return next(menu for menu in desktop.window.findChildren(QMenu) if menu.isVisible())


def choose(menu, text):
    next(each for each in menu.actions() if each.text().startswith(text)).trigger()
    menu.close()


def test_a_chip_narrows_the_list_and_follows_the_session(qtbot, desktop):
    window = desktop.window
    qtbot.mouseClick(window.filters.in_key, LEFT)
    assert shown(desktop) == {"warm bass"}
    assert window.status.clips.text() == "1 of 2 loops shown: in key"
    window.transport.show_time(SessionTime(bpm=128.0, meter="4/4", key="E minor", bars=4))
    assert shown(desktop) == {"cold lead"}
    qtbot.mouseClick(window.filters.clear, LEFT)
    assert len(shown(desktop)) == 2
    assert window.status.clips.text() == "2 loops"


def test_a_menu_offers_what_the_project_has(qtbot, desktop):
    bar = desktop.window.filters
    menu = open_menu(qtbot, desktop, bar.menus["lengths"])
    assert [each.text() for each in menu.actions()] == ["2 bars\t1", "4 bars\t1"]
    choose(menu, "4 bars")
    assert shown(desktop) == {"warm bass"}
    assert bar.menus["lengths"].text() == "Length: 4 bars"
    choose(open_menu(qtbot, desktop, bar.menus["tempo"]), "120 to under 140")
    assert shown(desktop) == {"warm bass"}
    assert bar.filters.names == ["120 to under 140", "4 bars"]


def test_filters_without_room_are_in_one_menu(qtbot, desktop):
    bar = desktop.window.filters
    bar.setFixedWidth(320)
    assert bar.menus["tags"].isHidden()
    assert bar.more.isVisible()
    menu = open_menu(qtbot, desktop, bar.more)
    names = [each.text() for each in menu.actions()]
    assert names[-2:] == ["Length", "Tags"]
    menu.close()
    bar.show_filters(replace(bar.filters, tags=frozenset({"night"})))
    assert bar.more.isChecked()


def test_a_collection_is_opened_from_the_button(qtbot, desktop):
    desktop.collection.mark("bcde2345", Mark(collections=("verse",)))
    view = desktop.window.view
    menu = open_menu(qtbot, desktop, view)
    texts = [each.text() for each in menu.actions()]
    assert texts[0] == "All loops\t2"
    assert "verse\t1" in texts
    choose(menu, "verse")
    assert (view.text(), shown(desktop)) == ("verse", {"cold lead"})
    choose(open_menu(qtbot, desktop, view), "Recordings")
    assert desktop.window.no_hit.heading.text() == "Nothing is in Recordings yet"
    qtbot.mouseClick(desktop.window.no_hit.clear, LEFT)
    assert (view.text(), len(shown(desktop))) == ("All loops", 2)


def test_it_says_why_nothing_is_found_and_what_to_do(qtbot, desktop):
    window, no_hit = desktop.window, desktop.window.no_hit
    qtbot.mouseClick(window.filters.in_key, LEFT)
    window.search.setText("tabla")
    assert window.middle.currentWidget() is no_hit
    assert no_hit.heading.text() == "No loop is called “tabla”"
    assert no_hit.reason.text() == "Filters are on as well: in key."
    window.search.setText("tabla 7/8 80-90")
    assert no_hit.heading.text() == "No loop has all of this: “tabla”, 80 to 90 bpm, 7/8"
    qtbot.mouseClick(no_hit.ask, LEFT)
    assert window.prompt_panel.prompt.toPlainText() == "tabla"
    qtbot.mouseClick(no_hit.clear, LEFT)
    assert window.middle.currentWidget() is window.clips
    assert (window.search.text(), window.filters.filters.names) == ("", [])


def test_escape_clears_the_search_before_it_closes_anything(qtbot, desktop):
    window = desktop.window
    window.activateWindow()
    window.search.setFocus()
    qtbot.keyClicks(window.search, "zzzz")
    clear = window.search.findChild(QToolButton)
    assert abs(clear.geometry().center().y() - window.search.rect().center().y()) <= 1
    qtbot.keyClick(window.search, Qt.Key.Key_Escape)
    assert (window.search.text(), len(shown(desktop))) == ("", 2)


def test_showing_a_clip_ends_what_hides_it(qtbot, desktop):
    qtbot.mouseClick(desktop.window.filters.starred, LEFT)
    desktop.window.show_clip("abcd2345")
    assert desktop.window.clips.chosen_row().id == "abcd2345"
    assert not desktop.window.filters.starred.isChecked()


def test_a_wide_window_has_views_collections_and_tags_beside_the_list(qtbot, desktop):
    window, rail = desktop.window, desktop.window.rail
    assert rail.isHidden()
    window.resize(1_900, 1_000)
    wait(qtbot, rail.isVisible)
    assert window.view.isHidden()
    desktop.collection.mark("bcde2345", Mark(starred=True, collections=("verse",), tags=("dark",)))
    wait(qtbot, lambda: "verse" in rail.collections)
    assert rail.views[View.STARRED].accessibleName() == "Starred, 1"
    qtbot.mouseClick(rail.collections["verse"], LEFT)
    assert shown(desktop) == {"cold lead"}
    assert rail.collections["verse"].isChecked()
    qtbot.mouseClick(rail.views[View.ALL], LEFT)
    qtbot.mouseClick(rail.tags["dark"], LEFT)
    assert (shown(desktop), window.filters.filters.names) == ({"cold lead"}, ["dark"])
    qtbot.mouseClick(rail.tags["dark"], LEFT)
    assert len(shown(desktop)) == 2
