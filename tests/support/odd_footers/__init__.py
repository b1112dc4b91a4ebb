"""Variations of small Parquet files. Each changes one thing in the footer, in a page header or in an index.

`variations()` yields (name, bytes, predicates). It is deterministic.

A variation has predicates only if the file itself shows which statistics are wrong. No reader can detect a null count of
zero from a writer without known bugs, or plausible bounds that exclude values of the column.
"""

from .annotations import types
from .bounds import bounds
from .counts import counts, places
from .indexes import indexes
from .key_values import metadata
from .nested import nested
from .pages import encodings, pages
from .schema import missing, schema, unknown


def variations():
    for part in (counts, bounds, types, schema, missing, unknown, indexes, metadata, encodings, pages, places, nested):
        yield from part()
