"""The page for teachers makes links to their own hub, and leads to figures as they want them."""

import re
from urllib.parse import quote

import pytest

from book_teaching import HUB, pull_link

PAGE = "book/teach.html"
LINKS = 'a[href*="git-pull"]'


@pytest.fixture
def teacher(visit):
    """The page, in a browser that has not seen it, with a repository named."""
    page = visit(PAGE).page
    fill(page, "repository", "https://git.uni.edu/dl/book")
    return page


def fill(page, name, text):
    page.locator(f".hub-{name} input").fill(text)


def links(page):
    """Addresses by the names that they stand under."""
    return dict(
        page.locator(LINKS).evaluate_all("(all) => all.map((a) => [a.textContent, a.href])")
    )


def notebooks(book):
    return sorted(path.stem for path in book.glob("chapters/*.html"))


@pytest.mark.parametrize(
    "typed",
    ["https://hub.uni.edu", " https://hub.uni.edu/ ", "https://hub.uni.edu/user/ada/lab/tree/a"],
)
def test_the_address_of_a_hub_makes_a_link_for_each_chapter(teacher, book, typed):
    assert links(teacher) == {}
    fill(teacher, "address", typed)
    fill(teacher, "repository", "https://git.uni.edu/dl/a book/")
    fill(teacher, "branch", "autumn&more")
    made = links(teacher)
    assert [name.removesuffix(".ipynb") for name in made] == notebooks(book)
    for name, address in made.items():
        assert address == pull_link(
            "https://hub.uni.edu",
            "https://git.uni.edu/dl/a book/",
            "autumn&more",
            f"chapters/{name}",
        )


def test_a_hub_may_stand_below_an_address(teacher):
    fill(teacher, "address", "https://uni.edu/jupyter/hub/home")
    (address, *_) = links(teacher).values()
    assert address.startswith("https://uni.edu/jupyter/hub/user-redirect/git-pull?")


def test_an_example_of_an_address_makes_no_link(teacher):
    fill(teacher, "address", "https://hub.uni.edu")
    assert links(teacher)
    for name in ("repository", "branch"):
        fill(teacher, name, "")
        assert links(teacher) == {}
        fill(teacher, name, "https://git.uni.edu/dl/book")
    example = teacher.locator(".hub-repository input").get_attribute("placeholder")
    teacher.evaluate("localStorage.clear()")
    teacher.reload()
    fill(teacher, "address", "https://hub.uni.edu")
    assert all(quote(example, safe="") not in link for link in links(teacher).values())


@pytest.mark.parametrize("typed", ["hub.uni.edu", "javascript:alert(1)", "https://"])
def test_what_is_no_address_makes_no_link_and_is_marked(teacher, typed):
    fill(teacher, "address", typed)
    assert links(teacher) == {}
    invalid = '.hub-field input[aria-invalid="true"]'
    assert teacher.locator(invalid).count() == 1
    fill(teacher, "address", "")
    assert teacher.locator(invalid).count() == 0


def test_the_address_is_there_again_when_the_page_is_opened_again(teacher):
    fill(teacher, "address", "https://hub.uni.edu")
    made = links(teacher)
    teacher.reload()
    teacher.wait_for_selector(LINKS)
    assert links(teacher) == made


def test_each_field_has_its_sentence_as_a_label(teacher):
    for name in ("address", "repository", "branch"):
        said = teacher.locator(f".hub-{name}").text_content().strip()
        assert said
        assert teacher.get_by_label(said).count() == 1


def test_without_scripts_each_link_is_there_to_be_copied(reading, book):
    page = reading(PAGE, java_script_enabled=False).page
    shown = page.locator("code.hub-link").all_text_contents()
    assert len(shown) == len(notebooks(book))
    assert all(text.startswith(f"{HUB}/hub/user-redirect/git-pull?repo=") for text in shown)


def test_a_link_to_a_figure_opens_it_with_its_sliders_there(visit, awake):
    window = visit(PAGE)
    link = window.page.locator('a[href*="#gradient-field?"]').first
    asked = dict(re.findall(r"(\w+)=([\d.]+)", link.get_attribute("href")))
    link.click()
    figure = awake(window, "gradient-field", as_it_is=True)
    assert figure.shown_value("learning_rate") == asked["learning_rate"]
    assert figure.now()["readout"].startswith("converged")


def test_what_the_page_says_of_exercises_and_quizzes_leads_there(book):
    text = (book / PAGE).read_text(encoding="utf-8")
    named = re.findall(r'<span class="pre">#([\w-]+)</span>', text)
    assert named == ["exercise-descent-step", "quiz"]
    chapter = (book / "chapters" / "04_gradient_descent.html").read_text(encoding="utf-8")
    assert all(f'id="{anchor}"' in chapter for anchor in named)
    for chapter in notebooks(book):
        page = (book / "chapters" / f"{chapter}.html").read_text(encoding="utf-8")
        assert 'id="quiz"' in page, chapter
