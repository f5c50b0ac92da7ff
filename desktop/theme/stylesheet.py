"""The style sheet, the palette and the fonts."""

from string import Template

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from desktop.theme.colours import Colours, blended

FACES = ["Inter", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans"]
TEXT_PX = 13
CAPTION_PX = 11

_SHEET = Template("""
QWidget { color: $text; }
QMainWindow, QWidget#page { background: $ground; }
QWidget#strip, QWidget#statusLine { background: $panel; }
QWidget#column { background: $ground; }
QFrame#hairline { background: $line; border: none; }
QLabel { background: transparent; }
QLabel[kind="muted"] { color: $muted; }
QLabel[kind="caption"] { color: $muted; font-size: 11px; }
QLabel[kind="good"] { color: $good; font-size: 10px; }
QLabel[kind="bad"] { color: $bad; font-size: 10px; }
QLabel[kind="ready"] { color: $good; }
QLabel[kind="problem"] { color: $bad; }
QLabel[kind="badge"] { color: $accent; border: 1px solid $accent; border-radius: 3px;
  padding: 0 4px; font-size: 10px; }
QLabel[kind="heading"] { color: $muted; font-size: 12px; font-weight: 600; }
QLabel[kind="title"] { font-size: 14px; font-weight: 600; }
QLabel#dot { font-size: 10px; }
QFrame#card { background: $panel; border: 1px solid $line; border-radius: 8px; }
QPlainTextEdit, QLineEdit, QFrame#field, QComboBox#plain {
  background: $raised; border: 1px solid $line; border-radius: 8px; padding: 6px 10px;
  selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit, QLineEdit { placeholder-text-color: $muted; }
QFrame#field { padding: 0; }
QFrame#field QLabel { color: $muted; }
QFrame#field QLabel[kind="value"] { color: $text; }
QFrame#field QLineEdit, QFrame#field QSpinBox, QFrame#field QComboBox {
  background: transparent; border: none; padding: 0; border-radius: 0;
  selection-background-color: $accent; selection-color: $on_accent; }
QFrame#field QPlainTextEdit { background: transparent; border: none; padding: 6px 6px 0 6px; }
QPushButton#suggestion { background: transparent; border: 1px solid transparent; color: $muted;
  border-radius: 6px; padding: 2px 6px; font-size: 12px; }
QPushButton#suggestion:hover { color: $text; border-color: $line; }
QPushButton#suggestion:focus { color: $text; border-color: $accent; }
QFrame#field QComboBox::drop-down { border: none; width: 0; }
QFrame#field[focused="true"], QPlainTextEdit:focus, QLineEdit:focus, QComboBox#plain:focus {
  border-color: $accent; }
QComboBox#plain { padding: 6px 12px; }
QComboBox#plain::drop-down { border: none; width: 8px; }
QComboBox#quiet { background: transparent; color: $muted; border: none; font-size: 12px;
  border-bottom: 1px solid transparent; border-radius: 0; padding: 2px 0; }
QComboBox#quiet:hover { color: $text; }
QComboBox#quiet:focus { border-bottom-color: $accent; }
QComboBox#quiet::drop-down { border: none; width: 0; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; padding: 4px;
  selection-background-color: $line; selection-color: $text; outline: none; }
QLineEdit#time { background: transparent; border: none; border-bottom: 1px solid transparent;
  border-radius: 0; padding: 0; font-size: 20px; }
QLineEdit#time:focus { border-bottom-color: $accent; }
QPushButton, QToolButton { background: $raised; border: 1px solid $line; border-radius: 8px;
  padding: 6px 12px; }
QPushButton:hover, QToolButton:hover { border-color: $muted; }
QPushButton:pressed, QToolButton:pressed, QPushButton:checked, QToolButton:checked {
  background: $line; }
QPushButton:focus, QToolButton:focus { border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $muted; }
QPushButton#act { background: $accent; color: $on_accent; border-color: $accent;
  font-weight: 600; padding: 10px; }
QPushButton#act:hover { border-color: $text; }
QPushButton#act:focus { border-color: $text; }
QPushButton#record[active="true"] { border-color: $bad; color: $bad; }
QPushButton#accent { border-color: $accent; color: $accent; font-weight: 600; }
QPushButton#accent:hover, QPushButton#accent:focus { border-color: $text; }
QPushButton#accent:disabled { border-color: $line; color: $muted; }
QPushButton#quiet, QToolButton#quiet { background: transparent; border-color: transparent;
  color: $muted; padding: 4px 6px; }
QPushButton#fold { background: transparent; border-color: transparent; color: $muted;
  padding: 2px 4px; text-align: left; }
QPushButton#fold:hover { color: $text; }
QPushButton#fold:focus { border-color: $accent; }
QToolButton#icon, QToolButton#icon:checked { background: transparent; border: 1px solid transparent;
  border-radius: 6px; padding: 0; }
QToolButton#icon:focus { border-color: $accent; }
QPushButton#quiet:hover, QToolButton#quiet:hover { color: $text; }
QPushButton#quiet:focus, QToolButton#quiet:focus { border-color: $accent; }
QToolButton#narrow { padding: 0 5px; }
QToolButton::menu-indicator { image: none; width: 0; }
QProgressBar { background: $line; border: none; border-radius: 1px; }
QProgressBar::chunk { background: $accent; border-radius: 1px; }
QFrame#segments { border: 1px solid $line; border-radius: 8px; }
QFrame#segments QPushButton { background: transparent; border: 1px solid transparent;
  border-radius: 6px; color: $muted; padding: 5px 11px; }
QFrame#segments QPushButton[dotted="true"] { padding-left: 25px; }
QFrame#segments QPushButton:hover { color: $text; }
QFrame#segments QPushButton:checked { background: $line; color: $text; }
QFrame#segments QPushButton:focus { border-color: $accent; }
QListView { background: transparent; border: none; outline: none; }
QScrollArea { background: transparent; border: none; }
QTableView { background: $panel; border: 1px solid $line; border-radius: 8px; outline: none;
  selection-background-color: $line; selection-color: $text; }
QTableView:focus { border-color: $accent; }
QTableView::item { padding: 0 6px; border: none; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: $panel; color: $muted; font-size: 11px; border: none;
  border-bottom: 1px solid $line; padding: 4px 9px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $good; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -4px 0; border-radius: 6px;
  background: $text; }
QSlider::handle:horizontal:focus { background: $accent; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 0; }
QScrollBar::handle:vertical { background: $line; border-radius: 4px; min-height: 32px; }
QScrollBar::handle:vertical:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 0; }
QScrollBar::handle:horizontal { background: $line; border-radius: 4px; min-width: 32px; }
QSplitter::handle { background: $line; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 6px; }
QLabel[kind="understood"] { background: $good_wash; color: $good; border-radius: 10px;
  padding: 3px 9px; font-size: 12px; }
QLabel[kind="ignored"] { background: $raised; color: $muted; border-radius: 10px;
  padding: 3px 9px; font-size: 12px; text-decoration: line-through; }
QFrame#notice { background: $raised; border: 1px solid $line; border-radius: 8px; }
QFrame#notice[level="error"] { border-color: $bad; }
QFrame#notice[level="warning"] { border-color: $accent; }
QMenu { background: $raised; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: $line; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $line; margin: 4px; }
""")


def style_sheet(colours: Colours) -> str:
    """Return the style sheet of a theme."""
    return _SHEET.substitute(
        ground=colours.ground, panel=colours.panel, raised=colours.raised, line=colours.line,
        text=colours.text, muted=colours.muted, accent=colours.accent,
        on_accent=colours.on_accent, good=colours.good, bad=colours.bad,
        good_wash=good_wash(colours),
    )  # fmt: skip


def good_wash(colours: Colours) -> str:
    """Return the background of a chip whose text is `good`."""
    return blended(colours.good, colours.ground, 0.16)


def text_font(pixels: int = TEXT_PX, *, bold: bool = False, tabular: bool = False) -> QFont:
    """Return the window's font; `tabular` figures are for numbers that change in place."""
    font = QFont(FACES)
    font.setPixelSize(pixels)
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    if tabular:
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


def apply_theme(app: QApplication, colours: Colours) -> None:
    """Apply a theme to the whole application."""
    app.setStyle("Fusion")
    app.setFont(text_font())
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.Window, colours.ground), (roles.Base, colours.raised), (roles.Text, colours.text),
        (roles.WindowText, colours.text), (roles.Button, colours.raised),
        (roles.ButtonText, colours.text), (roles.Highlight, colours.accent),
        (roles.HighlightedText, colours.on_accent), (roles.PlaceholderText, colours.muted),
        (roles.ToolTipBase, colours.raised), (roles.ToolTipText, colours.text),
        (roles.Mid, colours.line), (roles.Link, colours.accent),
    ):  # fmt: skip
        palette.setColor(role, QColor(colour))
    app.setPalette(palette)
    app.setStyleSheet(style_sheet(colours))
