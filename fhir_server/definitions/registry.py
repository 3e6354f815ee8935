"""The definitions of FHIR as one object: what there is, and what each type looks like."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import RLock
from types import MappingProxyType
from typing import TypeVar

import msgspec

from fhir_server.core.data import data_folder
from fhir_server.definitions.artefacts import read_manifest, record_lines, records
from fhir_server.definitions.model import (
    Compartment,
    Operation,
    SearchParameter,
    TypeDefinition,
)
from fhir_server.definitions.primitives import MAX_NUMBER_LENGTH
from fhir_server.definitions.shape import Shape, build_shape
from fhir_server.definitions.structs import StructFactory

_Value = TypeVar("_Value")
StructType = type[msgspec.Struct]


class _TypeHead(msgspec.Struct, frozen=True):
    name: str
    kind: str
    abstract: bool
    base: str | None = None


class Definitions:
    """A typed view of the compiled definitions.

    Types, search parameters and the rest are read when they are first asked for. All threads may share one
    object; what it returns is never changed.
    """

    def __init__(self, folder: Path, *, max_number_length: int = MAX_NUMBER_LENGTH) -> None:
        manifest, text = read_manifest(folder)
        self.fhir_version = manifest.source.version
        """The version of FHIR: `4.0.1`."""
        self.digest = hashlib.sha256(text).hexdigest()
        """SHA-256 over all artefacts, in hexadecimal: equal digests mean equal definitions."""
        self.max_number_length = max_number_length
        """How many characters a number in JSON may have."""
        self._folder = folder
        self._lock = RLock()
        self._cache: dict[tuple[str, str], object] = {}
        self._decoders: dict[str, msgspec.json.Decoder[msgspec.Struct]] = {}
        self._read_types()
        self._structs: dict[str, StructType] = {}
        self._factory = StructFactory(self, max_number_length=max_number_length)

    def _read_types(self) -> None:
        lines = record_lines(self._folder / "types.ndjson")
        heads = list(map(msgspec.json.Decoder(_TypeHead).decode, lines))
        self._type_lines = {head.name: line for head, line in zip(heads, lines, strict=True)}
        self.resource_types: tuple[str, ...] = tuple(
            sorted(head.name for head in heads if head.kind == "resource" and not head.abstract)
        )
        """The concrete resource types, sorted."""
        self.stored_types: tuple[str, ...] = tuple(name for name in self.resource_types if name != "Parameters")
        """The resource types that have an endpoint, sorted: all but Parameters."""
        self.datatypes: frozenset[str] = frozenset(head.name for head in heads if head.kind != "resource")
        """The names of all primitive and complex datatypes, abstract ones included."""

    def type(self, name: str) -> TypeDefinition:
        """Return the definition of a type, abstract types included; `KeyError` where R4 has none of this name."""
        return self._once("type", name, lambda: _decode_type(self._type_lines[name]))

    def shape(self, name: str) -> Shape:
        """Return the JSON form of a type or, by its path, of a backbone element; `KeyError` where there is none."""
        return self._once("shape", name, lambda: build_shape(name, self.type))

    def struct(self, name: str) -> StructType:
        """Return the class that decodes resources or values of the type `name` from minified JSON.

        It is generated on first use. Its fields are named as in JSON, absent ones hold `msgspec.UNSET`, decimals
        are `msgspec.Raw`, contained resources and those of entries are structs of their own types.
        """
        found = self._structs.get(name)
        if found is None:
            with self._lock:
                found = self._structs[name] = self._factory.struct(name)
        return found

    def decoder(self, name: str) -> "msgspec.json.Decoder[msgspec.Struct]":
        """Return the decoder of the resource type `name`; `KeyError` where R4 has none of this name.

        It reads minified JSON and refuses most of what is structurally wrong; what it cannot see,
        `fhir_server.validation.structure` knows.
        """
        found = self._decoders.get(name)
        if found is None:
            if name not in self.resource_types:
                raise KeyError(name)
            with self._lock:
                found = self._decoders[name] = msgspec.json.Decoder(self.struct(name))
        return found

    def has_decoder(self, name: str) -> bool:
        """Tell whether the decoder of `name` is there; to make one takes up to 20 ms."""
        return name in self._decoders

    def json_names(self, name: str) -> Mapping[str, tuple[str, ...]]:
        """Return for every element of a type (`value`) its names in JSON (`valueQuantity`, ...) without `_`."""
        return self._once("json_names", name, lambda: _json_names(self.shape(name)))

    def summary_elements(self, name: str) -> frozenset[str]:
        """Return the JSON names, without `_`, that `_summary=true` keeps in an object of the shape `name`.

        Below a backbone element (its shape is `shape(name).properties[...].type`, a path with a dot) the same
        holds for the backbone's own shape; a datatype is kept whole.
        https://hl7.org/fhir/R4/search.html#summary
        """
        shape = self.shape(name)
        return self._once(
            "summary", name, lambda: frozenset(p.name for p in shape.properties.values() if p.element.summary)
        )

    def mandatory_elements(self, name: str) -> frozenset[str]:
        """Return the JSON names, without `_`, of the elements that every object of the shape `name` has."""
        shape = self.shape(name)
        return self._once(
            "mandatory", name, lambda: frozenset(p.name for p in shape.properties.values() if p.element.min > 0)
        )

    def search_parameters(self, name: str) -> Mapping[str, SearchParameter]:
        """Return the search parameters of a resource type by code, those of its base types included."""
        return self._once("search", name, lambda: self._search_parameters_of(name))

    @property
    def all_search_parameters(self) -> tuple[SearchParameter, ...]:
        """Every search parameter, those without a base included."""
        path = self._folder / "search-parameters.ndjson"
        return self._once("all_search", "", lambda: records(path, SearchParameter))

    def compartment(self, name: str) -> Compartment:
        """Return the compartment `name` (`Patient`); `KeyError` where R4 has none."""
        return self.compartments[name]

    @property
    def compartments(self) -> Mapping[str, Compartment]:
        """The compartments by their code."""
        path = self._folder / "compartments.ndjson"
        return self._once("compartments", "", lambda: MappingProxyType({c.code: c for c in records(path, Compartment)}))

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations that R4 defines."""
        path = self._folder / "operations.ndjson"
        return self._once("operations", "", lambda: records(path, Operation))

    def _search_parameters_of(self, name: str) -> Mapping[str, SearchParameter]:
        bases = [name]
        while (base := self.type(bases[-1]).base) is not None:
            bases.append(base)
        found: dict[str, SearchParameter] = {}
        for parameter in self.all_search_parameters:
            if not set(bases).isdisjoint(parameter.base):
                found[parameter.code] = parameter
        return MappingProxyType(found)

    def _once(self, kind: str, name: str, make: Callable[[], _Value]) -> _Value:
        """Return the value made by the first call for this kind and name."""
        key = (kind, name)
        found = self._cache.get(key)
        if found is None:
            with self._lock:
                found = self._cache.get(key)
                if found is None:
                    found = self._cache[key] = make()
        return found  # type: ignore[return-value]  # Each kind names one maker and with it one type.


def load_definitions(folder: Path | None = None, *, max_number_length: int = MAX_NUMBER_LENGTH) -> Definitions:
    """Return the definitions of R4 from `folder`, by default those that ship with the server."""
    return Definitions(folder or data_folder("profiles") / "r4", max_number_length=max_number_length)


def _decode_type(line: bytes) -> TypeDefinition:
    return msgspec.json.decode(line, type=TypeDefinition)


def _json_names(shape: Shape) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in shape.properties.values():
        found[each.stem] = (*found.get(each.stem, ()), each.name)
    return MappingProxyType(found)
