"""XML answers, read with care."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transport.xml import NotXml, legal, parse

DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?>\n<shop><name><![CDATA[Zoé & fils]]></name></shop>'


def test_a_document_is_read_with_its_text() -> None:
    root, noise = parse(DOCUMENT)

    assert root.findtext("name") == "Zoé & fils"
    assert noise == ""


def test_notices_before_the_document_are_cut_off_and_returned() -> None:
    root, noise = parse("\ufeff<br />\n<b>Warning</b>: something on line 3<br />\n" + DOCUMENT)

    assert root.tag == "shop"
    assert "Warning" in noise


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html><body>Welcome</body></html>",
        '<?xml version="1.0"?>',
        '<?xml version="1.0"?><shop><name></shop>',
        '<?xml version="1.0"?><!DOCTYPE shop [<!ENTITY a "aaaa">]><shop>&a;</shop>',
        '<?xml version="1.0"?><!-- long --><!DOCTYPE shop SYSTEM "https://shop.example/evil.dtd"><shop/>',
    ],
)
def test_what_is_no_plain_document_is_refused(text: str) -> None:
    with pytest.raises(NotXml):
        parse(text)


@pytest.mark.parametrize(
    "behind",
    [
        "<script>alert(1)</script>",
        "\n<!-- served by a cache -->\0\0",
        "<b>Notice</b>: something",
        "<script>var end = '</shop>';</script>",
    ],
)
def test_what_stands_behind_the_document_is_cut_off(behind: str) -> None:
    root, noise = parse(DOCUMENT + behind)

    assert (root.findtext("name"), noise) == ("Zoé & fils", "")


@pytest.mark.parametrize("sign", ["\x0b", "\x00", "\x1f", "\ufffe", "&#11;", "&#x0B;", "&#0;", "&#xFFFF;", "&#55296;"])
def test_what_no_document_may_hold_is_dropped(sign: str) -> None:
    root, _ = parse(f'<?xml version="1.0"?><shop><name>La{sign}mpe</name></shop>')

    assert root.findtext("name") == "Lampe"


def test_references_that_are_allowed_stay() -> None:
    root, _ = parse('<?xml version="1.0"?><shop><name>A&#9;B&#233;&#x1F381;</name></shop>')

    assert root.findtext("name") == "A\tBé\N{WRAPPED PRESENT}"


@pytest.mark.parametrize("cut", range(45, len(DOCUMENT), 3))
def test_a_document_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(NotXml):
        parse(DOCUMENT[:cut])


@given(st.text())
def test_any_text_is_a_document_or_is_not(text: str) -> None:
    try:
        parse(text)
    except NotXml:
        return


@given(st.text())
def test_legal_text_can_always_be_written_and_read_back(text: str) -> None:
    kept = legal(text)
    escaped = kept.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    root, _ = parse(f'<?xml version="1.0"?><a>{escaped}</a>')

    # A reader of XML turns every end of line into one sign.
    assert (root.text or "") == kept.replace("\r\n", "\n").replace("\r", "\n")
