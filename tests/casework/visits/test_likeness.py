"""The same photo again, however it was resized or compressed, and photos that only look alike."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from casework.visits.likeness import BITS, fingerprint, near_pairs

RNG = np.random.default_rng(6)
SIZE = (640, 480)
NOISE = RNG.integers(-7, 8, (SIZE[1], SIZE[0], 3), dtype=np.int16)


def scene(rng: np.random.Generator) -> Image.Image:
    """A room or a street: a gradient of light with things of all sizes in it, and some noise."""
    low, high = np.sort(rng.integers(0, 256, 2))
    slope = np.add.outer(
        np.linspace(0, rng.uniform(-1, 1), SIZE[1]), np.linspace(0, rng.uniform(-1, 1), SIZE[0])
    )
    grey = low + (high - low) * (slope - slope.min()) / (np.ptp(slope) or 1)
    image = Image.fromarray(np.uint8(grey)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(rng.integers(6, 25)):
        x, y = rng.integers(0, SIZE[0]), rng.integers(0, SIZE[1])
        width, height = rng.integers(10, 220, 2)
        colour = tuple(int(c) for c in rng.integers(0, 256, 3))
        shape = draw.rectangle if rng.random() < 0.5 else draw.ellipse
        shape((x, y, x + width, y + height), fill=colour)
    return with_noise(image.filter(ImageFilter.GaussianBlur(2)), rng)


def page(rng: np.random.Generator) -> Image.Image:
    """A page of a ledger: a table of the same form with other words, photographed a bit askew."""
    image = Image.new("RGB", SIZE, (238, 236, 230))
    draw = ImageDraw.Draw(image)
    for row in range(40, 440, 20):
        draw.line((30, row, 610, row), fill=(120, 120, 120))
        for column in range(30, 600, 95):
            length = int(rng.integers(5, 85))
            draw.rectangle((column + 4, row + 6, column + 4 + length, row + 15), fill=(40, 40, 50))
    x, y = rng.integers(-25, 25, 2)
    moved = image.rotate(rng.uniform(-4, 4), translate=(int(x), int(y)), fillcolor=(150, 130, 110))
    return with_noise(moved, rng)


def with_noise(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    noise = np.roll(NOISE, int(rng.integers(SIZE[0])), axis=1)
    return Image.fromarray(np.uint8(np.clip(np.asarray(image, dtype=np.int16) + noise, 0, 255)))


def recompressed(image: Image.Image, quality: int = 35) -> Image.Image:
    content = BytesIO()
    image.save(content, "JPEG", quality=quality)
    return Image.open(content).convert("RGB")


@pytest.mark.parametrize("make", [scene, page])
def test_a_photo_that_was_resized_or_recompressed_is_found_again(make):
    first = make(RNG)
    again = [first.copy(), first.resize((400, 300)), recompressed(first)]

    pairs = near_pairs([fingerprint(image) for image in (first, *again)])

    assert {second for earlier, second, _ in pairs if earlier == 0} == {1, 2, 3}


def test_a_brighter_copy_is_found_again():
    first = scene(RNG)
    brighter = ImageEnhance.Brightness(first).enhance(1.15)

    assert near_pairs([fingerprint(first), fingerprint(brighter)])


def test_two_hundred_different_photos_are_not_confused():
    rng = np.random.default_rng(200)
    photos = [scene(rng) for _ in range(140)] + [page(rng) for _ in range(60)]

    assert near_pairs([fingerprint(photo) for photo in photos]) == []


def test_a_fingerprint_of_another_kind_is_refused():
    with pytest.raises(ValueError, match=f"not {BITS}"):
        near_pairs(["ff"])


def test_no_photos_make_no_pairs():
    assert near_pairs([]) == []
