"""The layouts that are compared, and the SQL of each for one size of bodies."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

RESOURCES = 100_000
WITH_HISTORY = 10_000
OPERATIONS = ("create", "read", "update", "history", "feed")

# The smallest and the largest body in bytes: as text, and as if compressed.
BODY_SIZES: Mapping[str, tuple[int, int]] = MappingProxyType({"1500": (400, 2600), "600": (200, 1000)})

FILLER = "".join(f'"code":{{"system":"http://x.y/{i * 7919 % 99991:05}","display":"value {i}"}},' for i in range(80))

_TYPES = ("Patient", "Practitioner", "Organization", "Encounter", "Observation", "Claim", "Location")
_SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Variant:
    """One candidate: the folder of its SQL and the storage parameters that are tried with it."""

    name: str
    folder: str
    body_storage: str
    toast_tuple_target: int
    head_fillfactor: int
    version_fillfactor: int


VARIANTS = (
    Variant("A inline, MAIN", "inline", "MAIN", 8160, 100, 100),
    Variant("A inline, EXTERNAL", "inline", "EXTERNAL", 2040, 100, 100),
    Variant("B1 in place, EXTERNAL, 85", "in_place", "EXTERNAL", 2040, 85, 85),
    Variant("B1 in place, MAIN, 70", "in_place", "MAIN", 8160, 85, 70),
    Variant("B2 side table, EXTERNAL", "side_table", "EXTERNAL", 2040, 85, 100),
    Variant("B3 body table, EXTERNAL, 85", "body_table", "EXTERNAL", 2040, 85, 85),
    Variant("B4 derived, EXTERNAL", "derived", "EXTERNAL", 2040, 85, 100),
)


def load_sql(variant: Variant, body_size: str) -> str:
    """Return the statements that create the tables and fill them with RESOURCES resources."""
    smallest, largest = BODY_SIZES[body_size]
    size = f"{smallest} + (r * 7919 % {largest - smallest})::int"
    values = {
        "type": _type_of("r"),
        "id": "md5(r::text)::uuid::text",
        "body": f"convert_to(substr('{FILLER}', 1, {size}), 'UTF8')",
        "index_rows": f"convert_to(substr('{FILLER}', 1, 200), 'UTF8')",
        "storage": variant.body_storage,
        "toast": str(variant.toast_tuple_target),
        "head_fill": str(variant.head_fillfactor),
        "version_fill": str(variant.version_fillfactor),
        "resources": str(RESOURCES),
    }
    return "".join(_fill(_template(variant, name), values) for name in ("schema", "load"))


def bench_sql(variant: Variant, body_size: str, operation: str, *, among: int = RESOURCES) -> str:
    """Return the pgbench script of an operation on random ones of the first `among` resources.

    The script needs pgbench's variable `body`: FILLER.
    """
    smallest, largest = BODY_SIZES[body_size]
    values = {
        "type": _type_of(":r::int8"),
        "id": "md5(:r::text)::uuid::text",
        "body": "convert_to(substr(:body::text, 1, :size::int), 'UTF8')",
        "index_rows": "convert_to(substr(:body::text, 1, 200), 'UTF8')",
        "smallest": str(smallest),
        "largest": str(largest),
        "resources": str(among),
        "with_history": str(WITH_HISTORY),
    }
    return _fill(_template(variant, operation), values)


def _template(variant: Variant, name: str) -> str:
    return (_SQL / variant.folder / f"{name}.sql").read_text(encoding="utf-8")


def _fill(template: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template


def _type_of(number: str) -> str:
    names = ", ".join(f"'{name}'" for name in _TYPES)
    return f"(ARRAY[{names}])[1 + {number} % {len(_TYPES)}]"
