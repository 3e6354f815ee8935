"""What the settings say about answers."""

from dataclasses import dataclass, field
from datetime import tzinfo
from zoneinfo import ZoneInfo

from fhir_server.rest.base_url import BaseUrlRule


@dataclass(frozen=True, slots=True)
class RestOptions:
    """Limits in bytes, seconds and entries; `docs/settings.md` explains each."""

    base_url: BaseUrlRule
    max_body_bytes: int = 16 * 1024 * 1024
    deadline: float = 30.0
    default_page_size: int = 50
    max_page_size: int = 1000
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("America/Sao_Paulo"))
    cors: bool = False
    gzip_minimum: int = 1024
    gzip_level: int = 1
    hang_up_grace: float = 0.05
