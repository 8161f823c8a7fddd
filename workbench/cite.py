"""How papers are cited: as a line of text and as BibTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from engines.method import Paper

# Venues of proceedings; everything else is a journal.
CONFERENCES = re.compile(
    r"\b(NeurIPS|NIPS|ICML|ICLR|CVPR|ICCV|ECCV|AISTATS|COLT|UAI|SIGGRAPH|Conference|Proceedings|"
    r"Proc\.|Symposium|Workshop)"
)
# Words that do not tell one title from another.
SMALL_WORDS = {
    *("a", "an", "and", "at", "by", "for", "from", "in", "into", "is", "of", "on", "or", "some"),
    *("the", "to", "towards", "with"),
}

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: "\\" + sign for sign in "&%$#_"},
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "\N{NO-BREAK SPACE}": "~",
    "ß": r"{\ss}",
    "ø": r"{\o}",
    "Ø": r"{\O}",
    "ł": r"{\l}",
    "Ł": r"{\L}",
    "æ": r"{\ae}",
    "Æ": r"{\AE}",
    "ı": r"{\i}",
}
# Combining characters, as Unicode and as TeX writes them.
ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u",
    "\u0307": ".", "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0327": "c",
    "\u0328": "k",
}  # fmt: skip
PLAIN_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE", "ı": "i", "đ": "d"}
)


def citation(paper: Paper) -> str:
    """One paper as a line: `Authors (year). Title. Venue. arXiv:… doi:…`."""
    line = f"{paper.authors} ({paper.year}). {paper.title}."
    if paper.venue:
        line += f" {paper.venue}."
    if paper.arxiv:
        line += f" arXiv:{paper.arxiv}."
    if paper.doi:
        line += f" doi:{paper.doi}."
    return line


def short(paper: Paper) -> str:
    """`Cuturi, 2013`, `Halko et al., 2011`: as in running text."""
    people = authors(paper)
    names = [_surname(p) for p in people]
    if len(people) > 2 or "others" in people:
        return f"{names[0]} et al., {paper.year}"
    return f"{' and '.join(names)}, {paper.year}"


def link(paper: Paper) -> str:
    """Where the paper is read; empty where no address is known."""
    if paper.arxiv:
        return f"https://arxiv.org/abs/{paper.arxiv}"
    return f"https://doi.org/{paper.doi}" if paper.doi else ""


def authors(paper: Paper) -> tuple[str, ...]:
    """The authors one by one; `et al.` becomes BibTeX's `others`."""
    text = re.sub(r"[,\s]*\bet al\.?", ", others", paper.authors)
    people = (p.strip() for p in re.split(r"[,;]|\s(?:and|&)\s", text))
    return tuple(p for p in people if p) or ("anonymous",)


def key(paper: Paper) -> str:
    """`authorYEARword`: first surname, year, first telling word of the title."""
    words = [_ascii(w) for w in re.split(r"[\s\-–—/:]+", paper.title)]
    telling = (w for w in words if w and w not in SMALL_WORDS)
    return f"{_ascii(_surname(authors(paper)[0]))}{paper.year}{next(telling, '')}"


def bibtex(papers: Iterable[Paper]) -> str:
    """The papers as BibTeX, each once, with keys that differ; plain ASCII where TeX has a way."""
    entries: list[str] = []
    used: set[str] = set()
    for paper in dict.fromkeys(papers):
        name, letter = key(paper), "b"
        while name in used:
            name, letter = key(paper) + letter, chr(ord(letter) + 1)
        used.add(name)
        entries.append(_entry(name, paper))
    return "\n".join(entries)


def escaped(text: str) -> str:
    """Text as TeX reads it: its special characters and accents written out."""
    found: list[str] = []
    for sign in unicodedata.normalize("NFC", " ".join(text.split())):
        base, *marks = list(unicodedata.normalize("NFD", sign))
        if sign in SPECIAL:
            found.append(SPECIAL[sign])
        elif len(marks) == 1 and marks[0] in ACCENTS and base.isascii():
            found.append(f"{{\\{ACCENTS[marks[0]]}{{{base}}}}}")
        else:
            found.append(sign)
    return "".join(found)


def _entry(name: str, paper: Paper) -> str:
    kind, holder = "misc", ""
    if paper.venue:
        meeting = CONFERENCES.search(paper.venue)
        kind, holder = ("inproceedings", "booktitle") if meeting else ("article", "journal")
    fields = {
        "author": " and ".join(map(escaped, authors(paper))),
        "title": _title(paper.title),
        holder: escaped(paper.venue),
        "year": str(paper.year),
        "eprint": paper.arxiv,
        "archivePrefix": "arXiv" if paper.arxiv else "",
        "doi": paper.doi,
    }
    lines = "".join(f"  {field} = {{{value}}},\n" for field, value in fields.items() if value)
    return f"@{kind}{{{name},\n{lines}}}\n"


def _title(text: str) -> str:
    """Styles turn titles into small letters; braces keep the capitals of names and acronyms."""
    first, *rest = text.split() or [""]
    kept = [any(c.isupper() for c in first[1:]), *(any(c.isupper() for c in w) for w in rest)]
    words = map(escaped, (first, *rest))
    return " ".join(f"{{{w}}}" if k else w for w, k in zip(words, kept, strict=True))


def _surname(author: str) -> str:
    """The last word, with what belongs to it: `Vanden-Eijnden`, `van der Vorst`."""
    words = author.split()
    start = len(words) - 1
    while start > 0 and words[start - 1].islower():
        start -= 1
    return " ".join(words[start:])


def _ascii(text: str) -> str:
    """Small letters and digits alone, accents dropped."""
    plain = unicodedata.normalize("NFKD", text.translate(PLAIN_LETTERS))
    return "".join(c for c in plain.lower() if c.isascii() and c.isalnum())
