"""Photos as evidence: what is accepted, and the clean copy that is shown.

The bytes an inspector sends are only ever decoded, sealed and digested. What a page shows is a new
JPEG painted from the decoded pixels, without metadata, comments or anything behind the image.
"""

import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

from casework.errors import CaseworkError
from casework.visits.likeness import fingerprint

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MAX_BYTES: Final = 10 * 2**20
MAX_PIXELS: Final = 40_000_000
MAX_PER_CASE: Final = 20
#: The longer edge of the copy that is shown, in pixels; a page of a ledger is legible with it.
SHOWN_EDGE: Final = 1600
QUALITY: Final = 82
#: What would make a browser or a server run the file.
_FOREIGN: Final = re.compile(rb"<(script|html|!doctype|\?php)[\s>]", re.IGNORECASE)
_HEAD: Final = 1024
_BROKEN: Final = (OSError, SyntaxError, ValueError, IndexError, struct.error, zlib.error)


class NotAPhoto(CaseworkError):
    """The file is not a JPEG, PNG or WebP image that can be read to its end."""


class PhotoTooLarge(CaseworkError):
    """A photo may have 10 MB and 40 million pixels at most."""


class PhotoIsMore(CaseworkError):
    """The file is an image and something else at once."""


class TooManyPhotos(CaseworkError):
    """A case takes twenty photos at most."""


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    original: bytes
    digest: str  #: SHA-256 of the original, hexadecimal
    shown: bytes  #: JPEG without metadata, its longer edge at most SHOWN_EDGE pixels
    fingerprint: str  #: what near-equal photos have in common


def clean(original: bytes, *, number: int = 1) -> CleanPhoto:
    """Check one photo and make the copy that is shown.

    *number* is the photo's place among those sent together, a fact of every error:
    NotAPhoto, PhotoTooLarge, PhotoIsMore.
    """
    if len(original) > MAX_BYTES:
        raise PhotoTooLarge(number=number)
    if _is_more(original):
        raise PhotoIsMore(number=number)
    try:
        picture = _repaint(original, number)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoTooLarge(number=number) from None
    except _BROKEN:
        raise NotAPhoto(number=number) from None
    shown = BytesIO()
    picture.save(shown, "JPEG", quality=QUALITY)
    return CleanPhoto(
        original=original,
        digest=sha256(original).hexdigest(),
        shown=shown.getvalue(),
        fingerprint=fingerprint(picture),
    )


def _repaint(original: bytes, number: int) -> Image.Image:
    # Opening reads the header alone, so the size is known before a pixel is unpacked.
    with Image.open(BytesIO(original), formats=FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise PhotoTooLarge(number=number)
        image.load()
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((SHOWN_EDGE, SHOWN_EDGE))
        # A new image has no metadata that saving could carry over; transparency becomes white.
        canvas = Image.new("RGB", upright.size, "white")
        canvas.paste(upright, mask=upright.getchannel("A") if upright.mode == "RGBA" else None)
    return canvas


def _is_more(content: bytes) -> bool:
    """Tell whether other programs would take these bytes for an archive, a document or a page."""
    return (
        zipfile.is_zipfile(BytesIO(content))
        or b"%PDF-" in content[:_HEAD]
        or _FOREIGN.search(content) is not None
    )
