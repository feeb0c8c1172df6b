from html.parser import HTMLParser

from linnet.analysis.page import escaped, figure, note, page, paragraph, section, table

HOSTILE = "<script>alert('1')</script>\"&\0\x1b"


class Tags(HTMLParser):
    """Collects the tags and the text, and fails where tags are not nested."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags, self.open, self.text = list[str](), list[str](), ""
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def everything(text: str) -> str:
    parts = [paragraph(text), note(text), figure("<svg></svg>", text), table([text, "n"], [[text, 1]], texts=[text])]
    return page(text, section(text, *parts))


def test_everything_is_escaped_and_nested() -> None:
    found = Tags(everything(HOSTILE))
    assert found.open == []
    assert not {"script", "link", "img", "iframe"} & set(found.tags)
    assert found.text.count("<script>alert('1')</script>\"&\ufffd\ufffd") == 8


def test_a_page_needs_nothing_from_elsewhere() -> None:
    found = everything("a")
    assert "http" not in found.replace("http-equiv", "")
    assert "default-src 'none'" in found
    assert "prefers-color-scheme: dark" in found
    assert "width=device-width" in found


def test_columns_of_numbers_are_aligned() -> None:
    found = table(["label", "n", "share", "words"], [["a", 1, "0.5", "2 b"], ["3", 2, "–", "c"]], texts=["words"])
    assert found.count('class="number"') == 2 * 3
    assert found.count('class="text"') == 3


def test_white_space_is_kept() -> None:
    assert escaped("a\tb\nc") == "a\tb\nc"
