"""The reference in the built book: whole, linked with the chapters both ways, and readable."""

import re

import pytest
from bs4 import BeautifulSoup
from test_accessibility import violations

from book_names import public_modules, public_names

# What no chapter names: it is met as what another function takes, returns or uses.
MET_ELSEWHERE = {
    "augmentation": "randomly_shifted",
    "check": "EachByItself Exactly Exercise Feedback WrongAnswer exercise heard in_words",
    "datasets": "Digits",
    "descent": "stochastic_gradient_descent",
    "explore": "Control Explorer ExplorerError choice linear logarithmic steps values",
    "explorers.convolution": "Pair",
    "explorers.going_deep": "HalfRun",
    "explorers.regularization": "MislabelledDigits Scores Setting",
    "formulas": "cross_entropy mean_squared_error mean_squared_error_gradient relu_slope "
    "sigmoid_slope softmax_and_log softmax_cross_entropy_gradient sum_squared_error "
    "sum_squared_error_gradient tanh_slope",
    "freshness": "files_in fingerprint",
    "gradient_check": "GradientReport",
    "graph": "Edge Node Step as_node exp format_value log maximum relu sigmoid "
    "softmax_cross_entropy square",
    "landscapes": "CriticalPoint LANDSCAPES Landscape plateau rosenbrock",
    "layers": "MeanSquaredError asks_for_training",
    "losses": "as_labels as_targets mean_squared_error mean_squared_error_gradient "
    "sum_squared_error_gradient",
    "mnist": "ENVIRONMENT IdxFile MNIST Source",
    "network_drawing": "describe_network draw_network",
    "optimizers": "Optimizer as_optimizer take_step",
    "page_exercises": "Call Cell Exercise closing exercises_in lent opening prelude",
    "page_python": "ENVIRONMENT Distribution Index PYODIDE Part PythonNotFound cache_folder gather "
    "own_code packed place version",
    "parameters": "Parameters learners",
    "plots": "BLUE GREEN INK ORANGE arrows contours field loss_curve path",
    "polynomial": "day_temperature",
    "quiz": "Choice Question Quiz ask",
    "search": "Range Search Trial uniform",
    "sphinx_ext": "setup",
    "training": "History",
    "verdicts": "Verdict",
}
ENTRY = re.compile(r'href="[^"#]*api_\w+\.html#(downslope\.[\w.]+)"')


def pages(book, pattern):
    return {path: path.read_text(encoding="utf-8") for path in sorted(book.glob(pattern))}


@pytest.fixture(scope="module")
def reference(book):
    return "".join(pages(book, "book/api_*.html").values())


def test_every_public_name_has_an_entry_with_a_link_to_its_source(reference, book):
    ids = set(re.findall(r'id="(downslope\.[\w.]+)"', reference))
    assert public_names().keys() <= ids, "name its module in a page of book/api_*.md"
    for source in set(re.findall(r'href="\.\./(_modules/[\w/]+\.html)#', reference)):
        assert (book / source).is_file()
    assert len(re.findall(r"viewcode-link", reference)) > len(public_names()) / 2


def test_code_in_a_docstring_stands_as_code(book):
    for path, text in pages(book, "book/api_*.html").items():
        article = BeautifulSoup(text, "html.parser").find("article")
        marks = {code.text for code in article.find_all("code") if "`" in code.text}
        assert marks <= {"`code`"}, path.name  # which a quiz writes so
        quotes = [quote.text for quote in article.find_all("blockquote")]
        assert not [quote for quote in quotes if re.search(r"\w\(", quote)], path.name


def test_the_fields_of_a_named_tuple_are_told_and_not_numbered(book):
    text = "".join(pages(book, "book/api_*.html").values())
    assert "Ink from 0 (paper) to 1 (black)" in text
    assert "Alias for field number" not in text


def test_what_an_exercise_asks_for_stands_as_a_terminal_shows_it(book):
    page = BeautifulSoup((book / "book/api_exercises.html").read_bytes(), "html.parser")
    for name, found in public_names().items():
        if hasattr(found, "solution"):
            said = page.find(id=name).find_next_sibling("dd").get_text(" ")
            asked = re.split(r"[`'\"]|\n\n", found.__doc__)[0]  # "In the book" comes in between
            assert " ".join(said.split()).startswith(" ".join(asked.split())), name


def test_the_first_page_of_the_reference_names_every_module(book):
    page = (book / "book/api.html").read_text(encoding="utf-8")
    named = set(re.findall(r"#module-(downslope[\w.]*)\"", page))
    assert named == set(public_modules())


def test_every_public_name_is_linked_from_a_chapter_or_known_to_be_met_elsewhere(book):
    chapters = "".join(pages(book, "chapters/*.html").values())
    names = public_names()
    reached = {id(names[name]) for name in ENTRY.findall(chapters) if name in names}
    unreached = {name for name, found in names.items() if id(found) not in reached}
    listed = {f"downslope.{m}.{name}" for m, all_ in MET_ELSEWHERE.items() for name in all_.split()}
    assert unreached <= listed, "no chapter names these"
    assert listed <= unreached, "a chapter names these now"


def test_every_entry_that_a_chapter_names_leads_back_to_a_section_that_names_it(book, reference):
    chapters = {path.name: text for path, text in pages(book, "chapters/*.html").items()}
    backs = re.findall(r'class="book-mentions".*?</p>', reference, flags=re.S)
    named = {name for text in chapters.values() for name in ENTRY.findall(text)}
    assert len(backs) >= len(named & public_names().keys())
    for chapter, anchor in re.findall(r'href="\.\./chapters/([\w.]+)#([\w-]+)"', "".join(backs)):
        assert f'id="{anchor}"' in chapters[chapter]


def test_under_an_import_stands_where_the_source_is(book):
    for path, text in pages(book, "chapters/*.html").items():
        line = re.search(r'class="book-source".*?</p>', text, flags=re.S)
        assert line, f"{path.name} imports nothing whose source can be read"
        for source, anchor in re.findall(r'href="\.\./(_modules/[\w/]+\.html)#([\w.]+)"', line[0]):
            assert f'id="{anchor}"' in (book / source).read_text(encoding="utf-8")


def test_the_reference_is_accessible(reading, look, long_reference_page):
    assert violations(reading(long_reference_page, **look).page, "article") == []


def test_a_page_of_the_reference_fits(reading, look, reference_page):
    page = reading(reference_page, **look).page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_links_of_a_chapters_cells_are_accessible(reading, book):
    page = reading(min(book.glob("chapters/*.html")).relative_to(book).as_posix()).page
    assert violations(page, ".cell_input:has(a)", ".book-source") == []


def test_the_source_of_a_package_is_the_module_that_its_names_begin_in(book):
    for text in pages(book, "chapters/*_backpropagation.html").values():
        assert re.search(r'class="book-source".*?check/exercise\.html"><code>check<', text, re.S)


def test_from_a_name_in_a_cell_to_its_entry_to_its_source_and_back(visit, book):
    chapter = min(book.glob("chapters/*.html"))
    page = visit(chapter.relative_to(book).as_posix()).page
    page.locator(".cell_input a[href*='#downslope.']").first.click()
    page.locator("dl:has(> dt:target) .viewcode-link").first.click()
    assert "_modules/downslope/" in page.url
    page.locator(".viewcode-back").first.click()
    assert "book/api_" in page.url
