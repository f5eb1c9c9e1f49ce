"""The lesson plans of the built book: a teacher clicks, and the figure stands as the plan says."""

from urllib.parse import parse_qsl, urlsplit

DOOR = "main a[href*='#gradient-field?landscape=bowl']"


def test_a_link_of_a_plan_opens_its_figure_with_the_sliders_set(visit, awake):
    window = visit("book/lessons.html")
    link = window.page.locator(DOOR).first
    name, _, query = urlsplit(link.get_attribute("href")).fragment.partition("?")
    link.click()
    window.page.wait_for_url(f"**/chapters/*.html#{name}*")
    explorer = awake(window, name, as_it_is=True)
    asked = dict(parse_qsl(query))
    chosen = explorer.control("landscape").evaluate("(e) => e.selectedOptions[0].text")
    others = {slider: explorer.shown_value(slider) for slider in asked.keys() - {"landscape"}}
    assert {"landscape": chosen, **others} == asked
    assert window.complaints == []
