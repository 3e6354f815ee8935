"""The log of one embedded server: a file that does not grow for ever, and what it tells of a failed start."""

import re
from pathlib import Path

from fhir_server.core.errors import StartRefused
from fhir_server.storage.embedded.failures import disk_full, refuse_without_room

_LARGEST = 10 * 1024 * 1024
_SMALLEST_ROOM = 1024 * 1024
_CAUSE = re.compile(r"(?:FATAL|PANIC|ERROR|error|fatal error):\s+(.+)")


class ServerLog:
    """The log at `path` from the moment of `start`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._begins_at = 0

    def start(self) -> None:
        """Remember where the present start begins; a large log is set aside in favour of a new one."""
        size = self.path.stat().st_size if self.path.exists() else 0
        if size > _LARGEST:
            self.path.replace(self.path.with_suffix(".1.log"))
            size = 0
        self._begins_at = size

    def tells(self, text: str) -> bool:
        """Tell whether `text` was logged since the start."""
        return text in self._text()

    def refusal(self, server: str, directory: Path) -> StartRefused:
        """Return the refusal for a server that did not start, with the cause that it logged, or raise it."""
        text = self._text()
        # A log on a full disk cannot say so.
        refuse_without_room(directory, _SMALLEST_ROOM)
        if "No space left on device" in text or "Disk quota exceeded" in text or "File too large" in text:
            return disk_full(directory)
        causes = _CAUSE.findall(text)
        reason = f": {causes[-1].strip()}" if causes else ""
        return StartRefused(f"{server} does not start{reason}; {self.path} tells more.")

    def _text(self) -> str:
        try:
            return self.path.read_bytes()[self._begins_at :].decode(errors="replace")
        except OSError:
            return ""
