"""Tolerant reading of the parsed document: what is missing or of another type is simply not there.

The cross checks run on files that have other mistakes too, since all problems are told at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from riskguard.config import forms
from riskguard.config.positions import Loc
from riskguard.config.problems import Refused
from riskguard.core.types import Leg


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed TOML document."""

    data: Mapping[str, object]

    def get(self, *loc: str | int) -> object:
        """Give what stands at a location, None when nothing does."""
        found: object = self.data
        for part in loc:
            if isinstance(found, Mapping) and isinstance(part, str):
                found = found.get(part)
            elif isinstance(found, list) and isinstance(part, int) and part < len(found):
                found = found[part]
            else:
                return None
        return found

    def text(self, *loc: str | int) -> str:
        """Give the text at a location, empty when none stands there."""
        found = self.get(*loc)
        return found if isinstance(found, str) else ""

    def tables(self, name: str) -> Iterator[Loc]:
        """Give the location of each table in an array of tables."""
        found = self.get(name)
        for index, entry in enumerate(found if isinstance(found, list) else ()):
            if isinstance(entry, Mapping):
                yield (name, index)

    def texts(self, *loc: str | int) -> Iterator[tuple[Loc, str]]:
        """Give location and text of each text in a list."""
        found = self.get(*loc)
        for index, entry in enumerate(found if isinstance(found, list) else ()):
            if isinstance(entry, str):
                yield (*loc, index), entry

    def legs(self, *loc: str | int) -> Iterator[tuple[Loc, Leg]]:
        """Give location and leg of each well-formed leg in a list."""
        for place, text in self.texts(*loc):
            try:
                yield place, forms.leg(text)
            except Refused:
                continue

    def venues(self) -> dict[str, Loc]:
        """Give the venues' ids and where each first stands."""
        return self._named("venue", "id")

    def assets(self) -> dict[str, Loc]:
        """Give the assets' names and where each first stands."""
        return self._named("asset", "name")

    def role(self, venue: str) -> str:
        """Give a venue's role, empty when it is unknown or not a role."""
        loc = self.venues().get(venue)
        role = self.text(*loc, "role") if loc else ""
        return role if role in {"primary", "backup", "both"} else ""

    def _named(self, table: str, key: str) -> dict[str, Loc]:
        found: dict[str, Loc] = {}
        for loc in self.tables(table):
            name = self.text(*loc, key)
            if name:
                found.setdefault(name, loc)
        return found
