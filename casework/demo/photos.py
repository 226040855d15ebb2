"""Photos for the rehearsal's findings: sheets that say what they are, drawn and not taken."""

from importlib.resources import files
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from casework.demo.sources import generator

SIZE = (960, 720)
_PATCHES = (9, 12)  # rows and columns of light and shade, which tell one photo from another
_PAPER, _INK = 150, "#8c2f2f"


def draw_photo(code: str) -> bytes:
    """Return a JPEG of a sheet of paper in its own light, with the mark and a case's code."""
    light = generator("photo", code).integers(40, 255, (*_PATCHES, 3), dtype=np.uint8)
    picture = Image.fromarray(light).resize(SIZE, Image.Resampling.BICUBIC)
    paper = Image.new("RGB", SIZE, "#f6f3ea")
    veil = Image.new("L", SIZE, 0)
    ImageDraw.Draw(veil).rectangle((120, 60, 840, 660), fill=_PAPER)
    picture = Image.composite(paper, picture, veil)
    # No font with Chinese characters can be relied upon, so the mark comes as a picture.
    with (files("casework.demo") / "data" / "mark.png").open("rb") as file:
        mark = Image.open(file).convert("L")
    picture.paste(_INK, (180, 110), mark)
    ImageDraw.Draw(picture).text((180, 260), code, fill=_INK, font_size=40)
    return _jpeg(picture, quality=75)


def used_again(photo: bytes) -> bytes:
    """Return the same photo made smaller and compressed harder, as one that is sent twice."""
    with Image.open(BytesIO(photo)) as picture:
        return _jpeg(picture.resize((SIZE[0] // 2, SIZE[1] // 2)), quality=50)


def _jpeg(picture: Image.Image, *, quality: int) -> bytes:
    content = BytesIO()
    picture.save(content, "JPEG", quality=quality)
    return content.getvalue()
