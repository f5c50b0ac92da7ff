"""docs/osc.md, which is made from the address table."""

from pathlib import Path

from bridge.osc.addresses import ADDRESSES, REPLIES, TABLE
from tools.osc_document import document

DOCS = Path(__file__).resolve().parents[2] / "docs" / "osc.md"


def test_the_page_matches_the_table():
    assert DOCS.read_text("utf-8") == document(), "run: python -m tools.osc_document > docs/osc.md"


def test_addresses_are_unique_and_no_reply_is_a_request():
    assert len(TABLE) == len(ADDRESSES)
    assert not {address.path for address in ADDRESSES} & REPLIES - {"/lw/job", "/lw/clip/path"}


def test_optional_arguments_come_last():
    for address in ADDRESSES:
        optional = [parameter.optional for parameter in address.parameters]
        assert optional == sorted(optional)
