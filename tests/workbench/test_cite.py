"""Citations: what TeX, BibTeX styles and a reader must find in them."""

import re

import pytest

from engines.method import Paper
from workbench.cite import authors, bibtex, citation, escaped, key, link, short
from workbench.registry import methods

HALKO = Paper(
    "N. Halko, P.-G. Martinsson, J. A. Tropp",
    2011,
    "Finding structure with randomness: 100 % of the SVD & more_or_less",
    arxiv="0909.4061",
    venue="SIAM Review 53",
)
PEYRE = Paper("Gabriel Peyré and Marco Cuturi", 2019, "The computational side", doi="10.1561/2200")


def fields(entry: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry, re.M))


def test_that_a_key_is_first_surname_year_and_first_telling_word():
    assert key(HALKO) == "halko2011finding"
    assert key(PEYRE) == "peyre2019computational"
    assert key(Paper("H. van der Vorst", 1992, "A Bi-CGSTAB")) == "vandervorst1992bi"


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Karras, Aittala, Aila, Laine", ("Karras", "Aittala", "Aila", "Laine")),
        ("J. Feydy and T. Séjourné", ("J. Feydy", "T. Séjourné")),
        ("Song, Ho, and Ermon", ("Song", "Ho", "Ermon")),
        ("Z. Li et al.", ("Z. Li", "others")),
        ("A. Anders", ("A. Anders",)),
    ],
)
def test_that_authors_are_told_apart(text, people):
    assert authors(Paper(text, 2020, "T")) == people


def test_that_an_entry_has_what_bibtex_styles_ask_for():
    entry = bibtex([HALKO])
    assert entry.startswith("@article{halko2011finding,\n")
    found = fields(entry)
    assert found["author"] == "N. Halko and P.-G. Martinsson and J. A. Tropp"
    assert found["journal"] == "SIAM Review 53"
    assert (found["eprint"], found["archivePrefix"]) == ("0909.4061", "arXiv")
    assert "{SVD}" in found["title"], "styles turn titles into small letters"
    assert r"100 \% of the {SVD} \& more\_or\_less" in found["title"]
    assert fields(bibtex([PEYRE]))["doi"] == "10.1561/2200"
    assert bibtex([PEYRE]).startswith("@misc{")
    meeting = Paper("A", 2022, "T", venue="NeurIPS")
    assert fields(bibtex([meeting]))["booktitle"] == "NeurIPS"


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("Peyré", r"Peyr{\'{e}}"),
        ("Schrödinger–Bridge", r"Schr{\"{o}}dinger--Bridge"),
        ("Łukasz Øst", r"{\L}ukasz {\O}st"),
        ("a_b {c} ~^ \\ $5 #1 & 10%", r"a\_b \{c\} \textasciitilde{}\textasciicircum{} "
         r"\textbackslash{} \$5 \#1 \& 10\%"),
        ("Dvořák Şen", r"Dvo{\v{r}}{\'{a}}k {\c{S}}en"),
    ],
)  # fmt: skip
def test_that_tex_reads_the_text_that_was_meant(text, tex):
    assert escaped(text) == tex


def test_that_equal_papers_are_named_once_and_equal_keys_differ():
    twin = Paper("N. Halko", 2011, "Finding more")
    entries = bibtex([HALKO, HALKO, twin])
    assert re.findall(r"@\w+\{(\w+),", entries) == ["halko2011finding", "halko2011findingb"]


def test_that_text_says_where_the_paper_is():
    assert citation(PEYRE).endswith("The computational side. doi:10.1561/2200.")
    assert citation(HALKO).endswith("SIAM Review 53. arXiv:0909.4061.")
    assert link(HALKO) == "https://arxiv.org/abs/0909.4061"
    assert link(PEYRE) == "https://doi.org/10.1561/2200"
    assert (short(HALKO), short(PEYRE)) == ("Halko et al., 2011", "Peyré and Cuturi, 2019")


@pytest.mark.parametrize("name", methods())
def test_that_the_papers_of_every_method_become_whole_entries(name):
    papers = methods()[name].papers
    entries = bibtex(papers)
    assert entries.count("@") == len(set(papers))
    assert entries.count("{") == entries.count("}")
    for paper in papers:
        assert re.fullmatch(r"[a-z]+\d{4}[a-z0-9]+", key(paper)), key(paper)
