"""What a door shows of itself to whoever walks through it: its routes, ids, forms and the values they offer.

Taken from the application and its pages, so that a new route or form is known without a line here.
"""

import inspect
import re
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import msgspec

MOST_OF_A_ROUTE = 2
"""So many addresses of each route are opened by each person: the rest look alike."""
ALONE = {"checkbox", "radio"}
Field = tuple[str, str]


class Route(msgspec.Struct, frozen=True):
    path: str
    methods: tuple[str, ...]
    names: tuple[str, ...]
    """What its handlers take, the names of its query among them."""

    @property
    def parts(self) -> list[str]:
        return self.path.strip("/").split("/")

    def ids(self, path: str) -> dict[str, str] | None:
        """What stands for each parameter in an address of this route; None when it is none."""
        pattern = re.sub(r"\\?\{(\w+):path\\?\}", r"(?P<\1>.+)", re.escape(self.path))
        pattern = re.sub(r"\\?\{(\w+):\w+\\?\}", r"(?P<\1>[^/]+)", pattern)
        match = re.fullmatch(pattern, path)
        return match and {name: unquote(value) for name, value in match.groupdict().items()}


def routes_of(door) -> list[Route]:
    """Every route of an application, as it lists them itself."""
    routes = []
    for route in door.routes:
        handlers = getattr(route, "route_handlers", None) or [route.route_handler]
        names = {name for it in handlers for name in inspect.signature(it.fn).parameters}
        methods = {method for it in handlers for method in getattr(it, "http_methods", {"GET"})}
        routes.append(Route(route.path, tuple(sorted(methods)), tuple(sorted(names))))
    return sorted(routes, key=lambda it: it.path)


class Form(msgspec.Struct):
    """A form as a page offers it: filled as it came, and every value that a field can be given."""

    initial: dict[str, str] = {}
    values: dict[str, list[str]] = {}

    def learn(self, other: "Form") -> None:
        self.initial.update(other.initial)
        for name, values in other.values.items():
            offers = self.values.setdefault(name, [])
            offers += [it for it in values if it not in offers]


class SitePage(HTMLParser):
    """The forms of a page by where they go, and the addresses it leads to."""

    def __init__(self, html: str, address: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, Form]] = []
        self.addresses: list[str] = []
        self._address, self._select = address, ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        fields = {name: value or "" for name, value in attrs}
        self.addresses += [fields[name] for name in ("href", "src") if name in fields]
        if tag == "form":
            self.forms.append((fields.get("action") or self._address, Form({}, {})))
        elif self.forms and tag == "option":
            is_first = self._select not in self.forms[-1][1].initial  # as a browser sends it
            self._add(self._select, fields.get("value", ""), is_initial=is_first or "selected" in fields)
        elif self.forms and "name" in fields:
            self._select = fields["name"]
            if tag != "select":
                is_unchecked = fields.get("type") in ALONE and "checked" not in fields
                self._add(
                    fields["name"], fields.get("value", ""), is_initial=tag != "button" and not is_unchecked
                )

    def _add(self, name: str, value: str, *, is_initial: bool) -> None:
        form = self.forms[-1][1]
        form.values.setdefault(name, []).append(value)
        if is_initial:
            form.initial[name] = value


class SiteMap(msgspec.Struct):
    routes: list[Route]
    ids: dict[str, set[str]]
    forms: dict[str, Form] = {}
    """By the address they are sent to."""
    by_route: dict[str, Form] = {}
    actions: dict[str, set[str]] = {}
    """Where forms of a route go."""
    people: dict[str, set[str]] = {}
    """Who was shown a form, by the route it goes to, or a page, by its own."""

    def walk(self, look: Callable[[str], str], starts: Iterable[str], who: str = "") -> None:
        """Open pages and whatever they lead to, as one person, and learn from each."""
        queue, visits = list(starts), dict.fromkeys((it.path for it in self.routes), 0)
        addresses: set[str] = set()
        while queue:
            address = queue.pop(0)
            route = self.learn_ids(urlsplit(address).path)
            if address in addresses or route is None or visits[route.path] >= MOST_OF_A_ROUTE:
                continue
            addresses.add(address)
            visits[route.path] += 1
            page = SitePage(look(address), address)
            queue += [it for it in page.addresses if it.startswith("/")]
            for action, form in page.forms:
                self._learn_form(action, form, who)
            if page.addresses:
                self.people.setdefault(route.path, set()).add(who)

    def _learn_form(self, action: str, form: Form, who: str) -> None:
        route = self.learn_ids(urlsplit(action).path)
        if route is not None:
            self.forms.setdefault(action, Form({}, {})).learn(form)
            self.by_route.setdefault(route.path, Form({}, {})).learn(form)
            self.actions.setdefault(route.path, set()).add(action)
            self.people.setdefault(route.path, set()).add(who)

    def learn_ids(self, path: str) -> Route | None:
        """Keep the ids in an address; returns the route it belongs to."""
        fitting = [(it, ids) for it in self.routes if (ids := it.ids(path)) is not None]
        if not fitting:
            return None
        route, ids = min(fitting, key=lambda it: len(it[1]))
        for name, value in ids.items():
            self.ids.setdefault(name, set()).add(value)
        return route
