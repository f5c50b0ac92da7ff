"""The style sheet and the palette, filled from the table of colours."""

import dataclasses
from string import Template

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from desktop.theme.colours import Colours, blended
from desktop.theme.typeface import load_typeface, text_font

CONTROL_PX, SMALL_PX, GENERATE_PX = 32, 28, 44
"""The heights of controls, small controls and the Generate button."""
MARGIN_PX, GAP_PX = 16, 8

_SHEET = Template("""
QWidget { color: $text; }
QMainWindow, QWidget#page { background: $ground; }
QWidget#strip, QWidget#statusLine, QWidget#column, QWidget#panel { background: $panel; }
QWidget#middle { background: $ground; }
QWidget#suggestions { background: $well; }
QFrame#hairline { background: $line; border: none; }
QLabel { background: transparent; }
QLabel[kind="muted"] { color: $muted; }
QLabel[kind="caption"] { color: $muted; font-size: 12px; }
QLabel[kind="small"] { color: $muted; font-size: 11px; }
QLabel[kind="good"] { color: $good; font-size: 12px; }
QLabel[kind="bad"] { color: $bad; font-size: 12px; }
QLabel[kind="ready"] { color: $good; }
QLabel[kind="problem"] { color: $bad; }
QLabel[kind="badge"] { background: $caution_wash; color: $caution; border-radius: 4px;
  padding: 1px 6px; font-size: 11px; }
QLabel[kind="yours"] { background: $good_wash; color: $good; border-radius: 4px;
  padding: 1px 6px; font-size: 11px; }
QLabel[kind="heading"] { font-size: 13px; }
QLabel[kind="title"] { font-size: 15px; }
QLabel[kind="page"] { font-size: 20px; }
QLabel[kind="welcome"] { font-size: 24px; }
QLabel[kind="best"] { background: $text; color: $ground; border-radius: 4px; padding: 1px 6px;
  font-size: 11px; }
QLabel[kind="key"] { border: 1px solid $edge; border-radius: 4px; color: $muted; padding: 0 5px;
  font-size: 11px; }
QLabel[kind="understood"] { background: $good_wash; color: $good; border-radius: 12px;
  padding: 0 10px; font-size: 12px; min-height: 24px; max-height: 24px; }
QLabel[kind="ignored"] { border: 1px dashed $edge; color: $muted; border-radius: 12px;
  padding: 0 9px; font-size: 12px; text-decoration: line-through;
  min-height: 22px; max-height: 22px; }
QPushButton[kind="further"] { background: transparent; border: 1px solid $edge; color: $muted;
  border-radius: 12px; padding: 0 9px; font-size: 12px; min-height: 22px; max-height: 22px; }
QPushButton[kind="further"]:hover { color: $text; border-color: $muted; }
QLabel[kind="target"] { background: $focus_wash; border: 2px solid $focus; border-radius: 4px;
  margin: 2px 16px; padding: 0 8px; font-size: 12px; }
QLabel#dot { font-size: 12px; }
QLabel[kind="time"] { font-size: 16px; }
QFrame#card { background: $panel; border: 1px solid $line; border-radius: 8px; }
QFrame#card[chosen="true"] { border-color: $muted; }
QFrame#card[live="true"] { border-color: $good; }

QPlainTextEdit, QLineEdit, QFrame#field { background: $well; border: 1px solid $field;
  border-radius: 6px; padding: 0 10px; min-height: 30px;
  selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit { padding: 6px 8px; }
QPlainTextEdit, QLineEdit { placeholder-text-color: $muted; }
QPlainTextEdit:focus, QLineEdit:focus, QFrame#field[focused="true"] {
  border: 2px solid $focus; padding: 0 9px; min-height: 28px; }
QFrame#field, QFrame#field[focused="true"] { padding: 0; }
QFrame#field[small="true"] { min-height: 26px; }
QFrame#field[small="true"][focused="true"] { min-height: 24px; }
QFrame#field[kind="number"] { border-color: $line; }
QFrame#field[kind="list"] { background: $raised; border-color: $raised; }
QFrame#field[kind="list"]:hover { background: $hover; border-color: $hover; }
QFrame#field[kind="number"][focused="true"], QFrame#field[kind="list"][focused="true"] {
  border-color: $focus; }
QFrame#field[kind="drop"] { background: transparent; border: 1px dashed $edge; }
QFrame#field[kind="drop"][over="true"] { background: $focus_wash; border: 2px solid $focus; }
QFrame#field QLabel { color: $muted; font-size: 12px; }
QFrame#field QLabel[kind="value"] { color: $text; font-size: 13px; }
QFrame#field QLineEdit, QFrame#field QSpinBox, QFrame#field QComboBox {
  background: transparent; border: none; padding: 0; border-radius: 0; min-height: 0;
  selection-background-color: $accent; selection-color: $on_accent; }
QFrame#field QPlainTextEdit, QFrame#field QPlainTextEdit:focus { background: transparent;
  border: none; padding: 6px 6px 0 6px; font-size: 14px; min-height: 0; }
QFrame#prompt { background: $well; border: 1px solid $field; border-radius: 8px; }
QFrame#prompt[focused="true"] { border: 2px solid $focus; }
QFrame#prompt QPlainTextEdit, QFrame#prompt QPlainTextEdit:focus { background: transparent;
  border: none; padding: 6px 8px 0 8px; font-size: 14px; min-height: 0; }
QLineEdit#inline, QLineEdit#inline:focus { padding: 0 6px; min-height: 0; border: 2px solid $focus;
  border-radius: 4px; }
QPushButton#example, QPushButton#example:focus { background: $panel; border: 1px solid $line;
  border-radius: 8px; padding: 0; }
QPushButton#example:hover { background: $raised; }
QPushButton#example:focus { border: 2px solid $focus; }
QPushButton#suggestion { background: transparent; border: 1px solid transparent; color: $muted;
  border-radius: 4px; padding: 0 6px; min-height: 22px; font-size: 12px; }
QPushButton#suggestion:hover { color: $text; border-color: $line; }
QPushButton#suggestion:focus { color: $text; border-color: $focus; }

QComboBox#plain { background: $raised; border: 1px solid $raised; border-radius: 6px;
  padding: 0 10px; min-height: 30px; }
QComboBox#plain[small="true"] { min-height: 26px; padding: 0 8px; font-size: 12px; }
QComboBox#plain:hover { background: $hover; border-color: $hover; }
QComboBox#plain:focus { border: 2px solid $focus; padding: 0 9px; min-height: 28px; }
QComboBox#plain[small="true"]:focus { padding: 0 7px; min-height: 24px; }
QComboBox#plain::drop-down, QFrame#field QComboBox::drop-down, QComboBox#quiet::drop-down {
  border: none; width: 0; }
QComboBox#quiet { background: transparent; color: $muted; border: none; font-size: 12px;
  border-bottom: 1px solid transparent; border-radius: 0; padding: 2px 0; }
QComboBox#quiet:hover { color: $text; }
QComboBox#quiet:focus { border-bottom-color: $focus; }
QComboBox QAbstractItemView { background: $over; border: 1px solid $edge; padding: 4px;
  selection-background-color: $hover; selection-color: $text; outline: none; }
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 8px; border-radius: 4px; }

QFrame#clock { background: $well; border: 1px solid $line; border-radius: 6px; }
QLineEdit#time, QLineEdit#time:focus { background: transparent; border: none; padding: 0;
  border-radius: 0; min-height: 0; font-size: 16px; }
QLineEdit#time:focus { color: $focus; }
QLineEdit#time:disabled { color: $text; }

QPushButton, QToolButton { background: $raised; border: 1px solid $raised; border-radius: 6px;
  padding: 0 12px; min-height: 30px; }
QPushButton:hover, QToolButton:hover { background: $hover; border-color: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:checked, QToolButton:checked { background: $hover; border-color: $muted; }
QPushButton:disabled, QToolButton:disabled { background: transparent; color: $off;
  border-color: $line; }
QPushButton[small="true"], QToolButton[small="true"] { min-height: 26px; padding: 0 8px;
  font-size: 12px; }
QPushButton[dotted="true"], QPushButton[dotted="true"]:focus { padding-left: 24px; }
QPushButton[look="out"], QToolButton[look="out"] { background: transparent; border-color: $edge; }
QPushButton[look="out"]:hover { background: $raised; }
QPushButton[look="out"]:disabled { border-color: $line; }
QPushButton[ready="false"] { color: $muted; border-style: dashed; }
QPushButton[look="sounds"] { background: $tint; color: $accent; border-color: $tint_edge; }
QPushButton[close="true"], QPushButton[close="true"]:focus { padding: 0 2px; }
QPushButton#act { background: $accent; color: $on_accent; border: 1px solid $accent;
  border-radius: 8px; font-size: 14px; padding: 0 12px; min-height: 42px; }
QPushButton#act:hover { background: $accent_over; border-color: $accent_over; }
QPushButton#act:disabled { background: transparent; color: $off; border-color: $line; }
QPushButton#record { color: $bad; }
QPushButton#record[active="true"] { background: $bad_wash; border-color: $bad; }
QPushButton#mute, QPushButton#solo { font-size: 11px; border-radius: 4px; padding: 0;
  min-height: 18px; color: $muted; }
QPushButton#mute:focus, QPushButton#solo:focus { padding: 0; min-height: 16px; }
QPushButton#mute:checked { background: $bad_wash; color: $bad; border-color: $bad; }
QPushButton#solo:checked { background: $caution; color: $ground; border-color: $caution; }
QWidget#lane { border-top: 1px solid $line; }
QFrame#laneChip { background: $ground; border: 1px solid $line; border-radius: 6px; }
QPushButton#accent { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton#accent:hover { background: $accent_over; border-color: $accent_over; }
QPushButton#accent:disabled { background: transparent; color: $off; border-color: $line; }
QPushButton#quiet, QToolButton#quiet { background: transparent; border-color: transparent;
  color: $muted; padding: 0 6px; min-height: 22px; font-size: 12px; }
QPushButton#quiet:hover, QToolButton#quiet:hover { color: $text; background: $raised; }
QPushButton#chip { background: transparent; border: 1px solid $edge; border-radius: 14px;
  padding: 0 10px; min-height: 26px; font-size: 12px; color: $muted; }
QPushButton#chip:hover { background: $raised; color: $text; }
QPushButton#chip:checked { background: $hover; border-color: $muted; color: $text; }
QPushButton#chip:disabled { border-color: $line; color: $off; }
QPushButton#chip:focus { border: 2px solid $focus; padding: 0 9px; min-height: 24px; }
QScrollArea#rail { background: $panel; border-right: 1px solid $line; }
QPushButton#place { background: transparent; border-color: transparent; text-align: left;
  padding: 0 10px; }
QPushButton#place:hover { background: $raised; }
QPushButton#place:checked { background: $hover; border-color: $hover; }
QPushButton#place:focus { border: 2px solid $focus; padding: 0 9px; }
QPushButton#project { background: transparent; border-color: transparent;
  padding: 0 4px; text-align: left; }
QPushButton#project:hover { background: $raised; }
QLineEdit > QToolButton { background: transparent; border: none; padding: 0; min-height: 0; }
QPushButton#fold { background: transparent; border-color: transparent; color: $muted;
  padding: 0 4px; text-align: left; font-size: 12px; min-height: 22px; }
QPushButton#fold:hover { color: $text; }
QToolButton#icon, QToolButton#icon:checked { background: transparent; border: 1px solid transparent;
  border-radius: 4px; padding: 0; min-height: 0; }
QToolButton#icon:hover { background: $raised; }
QToolButton#narrow { padding: 0 5px; }
QToolButton::menu-indicator, QPushButton::menu-indicator { image: none; width: 0; }
QPushButton:focus, QToolButton:focus, QToolButton#icon:focus { border: 2px solid $focus; }
QPushButton:focus, QToolButton:focus { padding: 0 11px; min-height: 28px; }
QPushButton[kind="further"]:focus { padding: 0 8px; min-height: 20px; }
QPushButton[small="true"]:focus, QToolButton[small="true"]:focus { padding: 0 7px;
  min-height: 24px; }
QPushButton#act:focus { border: 2px solid $focus; min-height: 40px; }
QPushButton#quiet:focus, QToolButton#quiet:focus, QPushButton#fold:focus {
  border: 2px solid $focus; padding: 0 5px; min-height: 20px; }
QPushButton#project:focus { padding: 0 3px; }
QToolButton#icon:focus { padding: 0; min-height: 0; }

QProgressBar { background: $line; border: none; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QFrame#segments { background: $well; border: 1px solid $line; border-radius: 6px; }
QFrame#segments QPushButton { background: transparent; border: none; border-radius: 4px;
  color: $muted; padding: 0 10px; min-height: 26px; margin: 2px 1px; }
QFrame#segments[small="true"] QPushButton { min-height: 22px; padding: 0 8px; font-size: 12px; }
QFrame#segments[tall="true"] QPushButton { min-height: 34px; }
QFrame#segments QPushButton[dotted="true"] { padding-left: 24px; }
QFrame#segments QPushButton:hover { color: $text; }
QFrame#segments QPushButton:checked { background: $raised; color: $text; }
QFrame#segments QPushButton:focus { border: 2px solid $focus; padding: 0 8px; }
QFrame#segments QPushButton[dotted="true"]:focus { padding-left: 22px; }

QListView { background: transparent; border: none; outline: none; }
QScrollArea, QWidget#qt_scrollarea_viewport { background: transparent; border: none; }
QPushButton[chevron="true"] { text-align: left; }
QTableView { background: $panel; border: 1px solid $line; border-radius: 8px; outline: none;
  selection-background-color: $raised; selection-color: $text; }
QTableView:focus { border-color: $focus; }
QTableView::item { padding: 0 6px; border: none; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: $panel; color: $muted; font-size: 12px; border: none;
  border-bottom: 1px solid $line; padding: 4px 9px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $muted; }
QSlider::handle:horizontal { width: 4px; height: 14px; margin: -5px 0; border-radius: 2px;
  background: $text; }
QSlider::handle:horizontal:focus { background: $focus; }
QCheckBox { spacing: 8px; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $edge; border-radius: 3px; min-height: 32px;
  margin: 2px; }
QScrollBar::handle:vertical:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: $edge; border-radius: 3px; min-width: 32px;
  margin: 2px; }
QSplitter::handle { background: $line; }
QToolTip { background: $text; color: $ground; border: none; padding: 4px 8px; }
QFrame#notice { background: $over; border: 1px solid $edge; border-radius: 8px; }
QFrame#notice[level="error"] { border-color: $bad; }
QFrame#notice[level="warning"] { border-color: $caution; }
QFrame#notice QPushButton { background: $hover; border-color: $hover; min-height: 26px; }
QFrame#notice QPushButton#quiet { background: transparent; border-color: transparent; }
QFrame#sheet { background: $over; border: 1px solid $edge; border-radius: 8px; }
QFrame#sheet QPushButton, QFrame#sheet QFrame#field[kind="list"] {
  background: $hover; border-color: $hover; }
QFrame#sheet QFrame#field[focused="true"] { border-color: $focus; }
QFrame#sheet QPushButton[look="out"] { background: transparent; border-color: $edge;
  text-align: left; }
QFrame#sheet QPushButton#chip { background: transparent; border-color: $edge; }
QFrame#sheet QPushButton#chip:checked { background: $hover; border-color: $muted; }
QFrame#sheet QPushButton:disabled { background: transparent; border-color: $line; }
QFrame#sheet QPushButton:focus { border-color: $focus; }
QFrame#sheet QFrame#segments QPushButton { background: transparent; border-color: transparent; }
QFrame#sheet QFrame#segments QPushButton:checked { background: $hover; }
QFrame#sheet QFrame#segments QPushButton:focus { border-color: $focus; }
QFrame#sheet QPushButton#quiet { background: transparent; border-color: transparent; }
QFrame#sheet QPushButton#accent { background: $accent; border-color: $accent; }
QFrame#sheet QPushButton#accent:disabled { background: transparent; border-color: $line; }
QMenu { background: $over; border: 1px solid $edge; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 10px; border-radius: 4px; }
QMenu::icon { padding-left: 10px; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $off; }
QMenu::separator { height: 1px; background: $edge; margin: 4px 8px; }
""")


def style_sheet(colours: Colours) -> str:
    """Return the style sheet of a theme."""
    tokens = {name: value for name, value in dataclasses.asdict(colours).items() if name != "roles"}
    return _SHEET.substitute(
        tokens,
        good_wash=colours.wash(colours.good),
        caution_wash=colours.wash(colours.caution),
        bad_wash=colours.wash(colours.bad),
        focus_wash=colours.wash(colours.focus),
        tint_edge=blended(colours.accent, colours.ground, 0.4),
        accent_over=blended(colours.text, colours.accent, 0.18),
    )


def apply_theme(app: QApplication, colours: Colours) -> None:
    """Apply a theme to the whole application."""
    apply_palette(app, colours)
    apply_style_sheet(app, colours)


def apply_style_sheet(app: QApplication, colours: Colours) -> None:
    """Apply the style sheet of a theme; best between building a window and showing it.

    While a window is built, Qt styles each widget again whenever it gets another parent.
    """
    app.setStyleSheet(style_sheet(colours))


def apply_palette(app: QApplication, colours: Colours) -> None:
    """Apply the typeface and the palette of a theme, which widgets need when they are made."""
    load_typeface()
    app.setStyle("Fusion")
    app.setFont(text_font())
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.Window, colours.ground), (roles.Base, colours.well), (roles.Text, colours.text),
        (roles.WindowText, colours.text), (roles.Button, colours.raised),
        (roles.ButtonText, colours.text), (roles.Highlight, colours.accent),
        (roles.HighlightedText, colours.on_accent), (roles.PlaceholderText, colours.muted),
        (roles.ToolTipBase, colours.text), (roles.ToolTipText, colours.ground),
        (roles.Mid, colours.line), (roles.BrightText, colours.bad), (roles.Link, colours.accent),
    ):  # fmt: skip
        palette.setColor(role, QColor(colour))
    for role in (roles.Text, roles.WindowText, roles.ButtonText, roles.PlaceholderText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.off))
    app.setPalette(palette)
