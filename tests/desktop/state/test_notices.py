from desktop.state.notices import MOST_KEPT, Level, Notices


def test_early_notices_are_shown_in_order_once_there_is_a_window():
    notices, shown = Notices(), []
    notices.info("one")
    notices.error("two", detail="why")
    notices.show_with(shown.append)
    notices.warning("three")
    assert [(n.level, n.text) for n in shown] == [
        (Level.INFO, "one"),
        (Level.ERROR, "two"),
        (Level.WARNING, "three"),
    ]
    assert shown[1].detail == "why"


def test_only_the_newest_notice_of_a_topic_waits():
    notices, shown = Notices(), []
    for text in ("old", "new"):
        notices.info(text, topic="download")
    notices.show_with(shown.append)
    assert [notice.text for notice in shown] == ["new"]


def test_the_number_of_waiting_notices_is_limited():
    notices, shown = Notices(), []
    for number in range(MOST_KEPT + 5):
        notices.info(str(number))
    notices.show_with(shown.append)
    assert len(shown) == MOST_KEPT
    assert shown[-1].text == str(MOST_KEPT + 4)


def test_a_notice_that_is_no_longer_true_is_withdrawn():
    notices, shown = Notices(), []
    notices.error("The prompt is empty.", topic="generate")
    notices.withdraw("generate")
    notices.show_with(shown.append)
    assert [notice.text for notice in shown] == [""]
