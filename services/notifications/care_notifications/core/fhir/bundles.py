"""Many resources in one answer: a searchset with a link to the next page."""

from collections.abc import Sequence

from care_notifications.core.fhir.names import Names, Resource, present


def searchset(found: Sequence[Resource], self_url: str, next_url: str | None, names: Names) -> Resource:
    """A page of search results."""
    links = [{"relation": "self", "url": self_url}]
    if next_url:
        links.append({"relation": "next", "url": next_url})
    return present(
        resourceType="Bundle", type="searchset", link=links, entry=[_entry(one, names) for one in found]
    )  # fmt: skip


def _entry(resource: Resource, names: Names) -> Resource:
    url = names.url(str(resource["resourceType"]), str(resource["id"]))
    return {"fullUrl": url, "resource": resource, "search": {"mode": "match"}}
