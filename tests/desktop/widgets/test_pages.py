from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from desktop.widgets.pages import Pages


def test_a_page_opens_over_the_home_page_and_closes_by_its_button(qtbot):
    home, models = QLabel("clips"), QLabel("models")
    pages = Pages(home)
    qtbot.addWidget(pages)
    pages.add("models", "Models", models)
    opened = []
    pages.opened.connect(opened.append)
    pages.show()
    assert pages.page_id == ""
    pages.toggle("models")
    assert pages.page_id == "models"
    assert models.isVisible()
    assert not home.isVisible()
    qtbot.mouseClick(pages.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert home.isVisible()
    assert opened == ["models", ""]


def test_toggling_an_open_page_closes_it_and_at_home_there_is_nothing_to_close(qtbot):
    pages = Pages(QLabel("clips"))
    qtbot.addWidget(pages)
    pages.add("daw", "DAW", QLabel("daw"))
    assert not pages.go_home()
    pages.toggle("daw")
    pages.toggle("daw")
    assert pages.page_id == ""
    pages.toggle("daw")
    assert pages.go_home()
