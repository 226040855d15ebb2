"""How a number gets to a telephone: a small port, and the ways that need nothing else."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Placed:
    """A call on its way.

    ``reference`` and ``recording`` are what the telephone system calls them, "" where it says
    nothing. Where the operator's own machine dials, ``link`` is what it opens.
    """

    reference: str
    recording: str = ""
    link: str = ""


class Dialler(Protocol):
    """What the desk asks of a telephone system."""

    name: str  #: kept with every call

    def dial(self, number: str, attempt_uid: str) -> Placed:
        """Ring *number* for the attempt of that uid, which is stored before this is called."""
        ...

    def hang_up(self, reference: str) -> None:
        """End the call of that reference; a call that is over stays so."""
        ...


class Simulator:
    """No telephone rings; the references are made of the attempt's uid."""

    name = "simulator"

    def dial(self, number: str, attempt_uid: str) -> Placed:
        return Placed(f"sim-{attempt_uid[:12]}", recording=f"sim-{attempt_uid[:12]}.wav")

    def hang_up(self, reference: str) -> None:
        """Nothing rings, so there is nothing to end."""


class LinkDialler:
    """The operator's machine opens a link, such as ``tel:{number}`` or ``sip:{number}@pbx``.

    The program that answers the link hangs up itself.
    """

    name = "link"

    def __init__(self, template: str) -> None:
        if not template.startswith(("tel:", "sip:")) or "{number}" not in template:
            raise ValueError(
                f"a dialling link begins with tel: or sip: and has {{number}}: {template!r}"
            )
        self._template = template

    def dial(self, number: str, attempt_uid: str) -> Placed:
        return Placed(attempt_uid[:12], link=self._template.format(number=number))

    def hang_up(self, reference: str) -> None:
        """The program at the desk does it."""


def dialler_for(template: str) -> Dialler:
    """Return the dialler of a setting: the simulator for "", else one that opens links."""
    return LinkDialler(template) if template else Simulator()
