"""Reads a page as a person does, by its words and links; and sees that it is sound HTML without scripts."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

EMPTY_TAGS = {"meta", "link", "input", "br"}


@dataclass
class Page(HTMLParser):
    """`words` are all that is to be read, single spaces between and plain dashes; `links` are `(words, address)`."""

    html: str
    words: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)

    def __post_init__(self):
        super().__init__()
        self._read: list[str] = []
        self.feed(self.html)
        self.close()
        assert self.open_tags == []
        self.words = " ".join("".join(self._read).split())

    def handle_starttag(self, tag, attrs):
        assert tag not in {"script", "img", "iframe"}, tag
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert name != "href" or (value or "").startswith(("/", "#", "data:,")), value
        if tag not in EMPTY_TAGS:
            self.open_tags.append(tag)
        if tag == "a":
            self.links.append(("", dict(attrs)["href"]))
        if tag in {"td", "th", "p", "dt", "dd", "h1", "h2", "br", "summary", "pre"}:
            self._read.append(" ")

    def handle_endtag(self, tag):
        assert self.open_tags.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open_tags:
            self._read.append(data.replace("\N{EN DASH}", "-"))
        if "a" in self.open_tags:
            words, address = self.links[-1]
            self.links[-1] = (" ".join((words + data).split()), address)

    def link(self, words):
        """The address behind these words."""
        return dict(self.links)[words]

    @property
    def labels(self):
        """The words of all links."""
        return [words for words, _ in self.links]


def look_at(browser, address, status=200):
    """The page at an address, also if it leads on to another."""
    answer = browser.get(address, follow_redirects=True)
    assert answer.status_code == status, answer.text
    return Page(answer.text)
