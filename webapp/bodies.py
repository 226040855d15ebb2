"""What comes in with a request: how much of it, and where it lies while it is read."""

from io import BytesIO
from typing import IO

from flask import Request

#: Views that take files; every other form is small.
TAKE_FILES = frozenset(
    {
        "device.finding",
        "device.head_count",
        "leads.import_file",
        "ledgers.upload",
        "objections.send",
        "visits.show",
    }
)
MOST_FORM = 2**20  #: bytes


class SealedRequest(Request):
    """A request whose files stay in memory: on a disk they would lie there unsealed."""

    @property
    def max_content_length(self) -> int | None:
        """The most bytes of this request's body; a longer one is answered with 413."""
        most = super().max_content_length
        if most is None or self.endpoint in TAKE_FILES:
            return most
        return min(most, MOST_FORM)

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()
