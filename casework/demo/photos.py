"""Photos for the rehearsal's findings: a sheet that says what it is, drawn and not taken."""

from importlib.resources import files
from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (960, 720)
_PAPER, _DESK, _INK, _LINE = "#f6f3ea", "#7a6a58", "#8c2f2f", "#b9b3a4"


def draw_photo(code: str) -> bytes:
    """Return a JPEG that shows a sheet of paper on a desk, with the mark and a case's code."""
    picture = Image.new("RGB", SIZE, _DESK)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((120, 60, 840, 660), fill=_PAPER)
    for y in range(330, 640, 40):
        pen.line((180, y, 780, y), fill=_LINE, width=3)
    # No font with Chinese characters can be relied upon, so the mark comes as a picture.
    with (files("casework.demo") / "data" / "mark.png").open("rb") as file:
        mark = Image.open(file).convert("L")
    picture.paste(_INK, (180, 110), mark)
    pen.text((180, 260), code, fill=_INK, font_size=40)
    content = BytesIO()
    picture.save(content, "JPEG", quality=75)
    return content.getvalue()
