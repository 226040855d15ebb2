"""Checking an Ed25519 signature (RFC 8032): slow, short, and nothing but arithmetic."""

from hashlib import sha512

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, SQRT_MINUS_1 = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)
BASE = "58" + "66" * 31

Point = tuple[int, int]


def is_signed(message: bytes, key: str, value: str) -> bool:
    """Tell whether *value* is the signature of *message* by the public *key*; both are hex."""
    try:
        public, r, s = bytes.fromhex(key), bytes.fromhex(value[:64]), bytes.fromhex(value[64:])
        n = int.from_bytes(s, "little")
        k = int.from_bytes(sha512(r + public + message).digest(), "little") % ORDER
        left = _times(n, _point(bytes.fromhex(BASE)))
        return n < ORDER and left == _plus(_point(r), _times(k, _point(public)))
    except ValueError:  # no hexadecimal digits, or no point of the curve
        return False


def _point(data: bytes) -> Point:
    odd, y = divmod(int.from_bytes(data, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    for x in (root, root * SQRT_MINUS_1 % P):
        if x * x % P == square:
            return (x if x % 2 == odd else P - x), y
    raise ValueError("no point of the curve")


def _plus(a: Point, b: Point) -> Point:
    t, x, y = D * a[0] * a[1] * b[0] * b[1], a[0] * b[1] + a[1] * b[0], a[1] * b[1] + a[0] * b[0]
    return x * pow(1 + t, -1, P) % P, y * pow(1 - t, -1, P) % P


def _times(n: int, a: Point) -> Point:
    total = (0, 1)
    while n:
        if n % 2:
            total = _plus(total, a)
        n, a = n // 2, _plus(a, a)
    return total
