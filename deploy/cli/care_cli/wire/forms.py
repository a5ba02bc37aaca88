"""Reads the forms of a page, so that a story signs in and logs a contact through the page as a person does."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from care_shared.errors import NotFoundError


@dataclass(slots=True)
class Form:
    """One form: where it goes and the fields it sends when nobody touches it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(said.get("action", ""), said.get("method", "get").lower()))
        elif self.forms:
            self._field(tag, said)

    def _field(self, tag: str, said: dict[str, str]) -> None:
        form = self.forms[-1]
        name = self._select if tag == "option" else said.get("name", "")
        if tag == "select":
            self._select = name
        if not name:
            return
        form.names.add(name)
        untouched = said.get("type") in {"radio", "checkbox"} and "checked" not in said
        if (tag == "input" and not untouched) or (tag == "option" and ("selected" in said or name not in form.fields)):
            form.fields[name] = said.get("value", "")


def form_with(page: str, field_name: str) -> Form:
    """The first form of the page that has that field."""
    reader = _FormReader()
    reader.feed(page)
    found = next((form for form in reader.forms if field_name in form.names), None)
    if found is None:
        raise NotFoundError(f"the page has no form with a field {field_name}")
    return found
