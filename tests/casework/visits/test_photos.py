import struct
import zipfile
import zlib
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from casework.visits.photos import (
    MAX_BYTES,
    NotAPhoto,
    PhotoIsMore,
    PhotoTooLarge,
    clean,
)
from tests.casework.visits.factories import make_photo


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_each_accepted_format_gives_a_jpeg_to_show(format_):
    photo = clean(make_photo(format_))

    assert Image.open(BytesIO(photo.shown)).format == "JPEG"


def test_the_original_is_kept_to_the_last_byte():
    sent = make_photo("PNG")

    photo = clean(sent)

    assert photo.original == sent
    assert photo.digest == sha256(sent).hexdigest()


def test_the_copy_has_neither_place_nor_camera_nor_comment():
    exif = Image.Exif()
    exif[0x010F] = "CameraMaker"
    exif.get_ifd(0x8825)[2] = (34.0, 44.0, 1.0)
    sent = make_photo(exif=exif, comment=b"a note of the camera")

    shown = clean(sent).shown

    copy = Image.open(BytesIO(shown))
    assert not copy.getexif()
    assert "comment" not in copy.info
    assert b"CameraMaker" not in shown


def test_a_photo_taken_upright_is_shown_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    sent = make_photo(size=(640, 480), exif=exif)

    assert Image.open(BytesIO(clean(sent).shown)).size == (480, 640)


def test_the_copy_is_small_enough_for_a_phone():
    shown = Image.open(BytesIO(clean(make_photo(size=(4000, 3000))).shown))

    assert shown.size == (1600, 1200)


def test_what_shows_through_becomes_white():
    content = BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(content, "PNG")

    shown = Image.open(BytesIO(clean(content.getvalue()).shown))

    assert shown.getpixel((5, 5)) == (255, 255, 255)


def test_a_palette_with_a_clear_colour_is_accepted():
    content = BytesIO()
    Image.new("P", (40, 40)).save(content, "PNG", transparency=0)

    assert clean(content.getvalue()).shown


@pytest.mark.parametrize("content", [b"", "一张照片".encode(), b"\xff\xd8\xff\xe0 not really"])
def test_what_is_no_image_is_refused(content):
    with pytest.raises(NotAPhoto):
        clean(content)


def test_a_photo_cut_short_on_the_way_is_refused():
    with pytest.raises(NotAPhoto):
        clean(make_photo()[:-600])


@pytest.mark.parametrize("format_", ["GIF", "TIFF", "BMP"])
def test_other_image_formats_are_refused(format_):
    with pytest.raises(NotAPhoto):
        clean(make_photo(format_))


def test_a_drawing_that_carries_a_script_is_refused():
    with pytest.raises(PhotoIsMore):
        clean(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')


@pytest.mark.parametrize("edge", [7_000, 30_000, 60_000])
def test_a_small_file_that_unpacks_to_a_giant_is_refused_unopened(edge):
    with pytest.raises(PhotoTooLarge):
        clean(png_that_claims(edge, edge))


def test_a_file_over_the_limit_is_refused():
    with pytest.raises(PhotoTooLarge):
        clean(make_photo() + b"\0" * MAX_BYTES)


def test_an_archive_behind_an_image_is_refused():
    archive = BytesIO(make_photo())
    archive.seek(0, 2)
    with zipfile.ZipFile(archive, "a") as inside:
        inside.writestr("演示.txt", "演示数据")

    with pytest.raises(PhotoIsMore):
        clean(archive.getvalue())


@pytest.mark.parametrize("comment", [b"<script >alert(1)", b"%PDF-1.7", b"<?php system(1)"])
def test_a_program_hidden_in_a_comment_is_refused(comment):
    with pytest.raises(PhotoIsMore):
        clean(make_photo(comment=comment))


def test_the_error_says_which_photo_it_was():
    with pytest.raises(NotAPhoto) as refused:
        clean(b"text", number=3)

    assert refused.value.facts == {"number": 3}


def png_that_claims(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header names a size of its own."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checked = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + checked

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 100_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
