"""What FHIR's definitions say, as typed records read from the compiled artefacts.

https://hl7.org/fhir/R4/structuredefinition.html and https://hl7.org/fhir/R4/elementdefinition.html
"""

from msgspec import Struct


class ElementType(Struct, frozen=True, rename="camel"):
    """One type that an element may have; `targets` are what a Reference or canonical may point at.

    A target in FHIR's own namespace is its name alone (`Patient`), any other is a whole canonical URL.
    """

    code: str
    targets: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    aggregation: tuple[str, ...] = ()


class Binding(Struct, frozen=True, rename="camel"):
    """The value set (canonical URL, perhaps with `|version`) that an element's codes come from."""

    strength: str
    value_set: str | None = None
    max_value_set: str | None = None


class Invariant(Struct, frozen=True, rename="camel"):
    """A rule in FHIRPath: `severity` is `error` or `warning`."""

    key: str
    severity: str
    expression: str
    best_practice: bool = False


class Element(Struct, frozen=True, rename="camel"):
    """One element of a type: `max` is a number as text or `*`.

    `path` is the definition's, `Observation.value[x]`; `content_reference` is the path of the element whose
    definition this one repeats. `invariants` are those of the element itself: its type's lie with the type.
    """

    path: str
    max: str
    min: int = 0
    types: tuple[ElementType, ...] = ()
    content_reference: str | None = None
    summary: bool = False
    modifier: bool = False
    representation: tuple[str, ...] = ()
    binding: Binding | None = None
    invariants: tuple[Invariant, ...] = ()

    @property
    def name(self) -> str:
        """The element's own name, without `[x]`."""
        return self.path.rpartition(".")[2].removesuffix("[x]")

    @property
    def is_choice(self) -> bool:
        """Whether the element's name in JSON tells its type: `valueQuantity`."""
        return self.path.endswith("[x]")

    @property
    def is_list(self) -> bool:
        """Whether the element repeats, which makes it an array in JSON."""
        return self.max == "*"

    @property
    def is_attribute(self) -> bool:
        """Whether the element is an attribute in XML; such a primitive has no extensions."""
        return "xmlAttr" in self.representation


class TypeDefinition(Struct, frozen=True, rename="camel"):
    """A type: `kind` is `primitive-type`, `complex-type` or `resource`, `base` the type it specialises.

    `elements` begins with the type itself and holds inherited and nested elements, in the order of the definition.
    `pattern` and the limits are a primitive's; `pattern` is an XML-schema regular expression over the whole value.
    """

    name: str
    url: str
    kind: str
    abstract: bool
    elements: tuple[Element, ...]
    base: str | None = None
    pattern: str | None = None
    min_value_integer: int | None = None
    max_value_integer: int | None = None
    max_length: int | None = None

    def children(self, path: str) -> tuple[Element, ...]:
        """Return the elements directly below `path`, in the order of the definition."""
        depth = path.count(".") + 1
        below = path + "."
        return tuple(e for e in self.elements if e.path.startswith(below) and e.path.count(".") == depth)


class Component(Struct, frozen=True):
    """One part of a composite search parameter: the canonical URL of its definition and the expression to it."""

    definition: str
    expression: str


class SearchParameter(Struct, frozen=True, rename="camel"):
    """A search parameter; `expression` is FHIRPath and absent where the parameter is not read from elements.

    https://hl7.org/fhir/R4/searchparameter.html
    """

    code: str
    url: str
    type: str
    base: tuple[str, ...] = ()
    expression: str | None = None
    target: tuple[str, ...] = ()
    comparator: tuple[str, ...] = ()
    modifier: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    multiple_or: bool | None = None
    multiple_and: bool | None = None
    component: tuple[Component, ...] = ()
    experimental: bool = False


class Compartment(Struct, frozen=True):
    """A compartment: by which search parameters the resources of each member type belong to it.

    https://hl7.org/fhir/R4/compartmentdefinition.html
    """

    code: str
    url: str
    members: dict[str, tuple[str, ...]]


class OperationParameter(Struct, frozen=True, rename="camel"):
    """A parameter of an operation: `use` is `in` or `out`, `max` a number as text or `*`."""

    name: str
    use: str
    min: int
    max: str
    type: str | None = None
    search_type: str | None = None
    targets: tuple[str, ...] = ()
    binding: Binding | None = None
    parts: tuple["OperationParameter", ...] = ()


class Operation(Struct, frozen=True, rename="camel"):
    """An operation and the levels at which it may be called.

    https://hl7.org/fhir/R4/operationdefinition.html
    """

    code: str
    url: str
    kind: str
    system: bool
    type: bool
    instance: bool
    resource: tuple[str, ...] = ()
    affects_state: bool | None = None
    base: str | None = None
    parameters: tuple[OperationParameter, ...] = ()
