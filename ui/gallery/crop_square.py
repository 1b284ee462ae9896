"""What can be done to the crop square by hand; it stays a square, and within reach of the picture.

The square may reach outside the picture, whose edge is repeated there, since heads touch edges. Its
centre stays inside, and its side between :func:`least_side` and :func:`most_side`. Squares and
points are in pixels of a picture of ``width`` x ``height``.
"""

from avatar.square import MIN_SIDE, Square

CORNERS = ((-1, -1), (1, -1), (1, 1), (-1, 1))
"""Where each corner lies from the centre: x, y."""


def least_side(width: float, height: float) -> float:
    """Smaller squares show noise, or nothing."""
    return min(MIN_SIDE, width, height)


def most_side(width: float, height: float) -> float:
    """Larger squares show mostly edge."""
    return 2.0 * max(width, height)


def fitted(square: Square, width: float, height: float) -> Square:
    """The nearest square within the limits."""
    return Square(
        min(max(square.x, 0.0), width),
        min(max(square.y, 0.0), height),
        min(max(square.side, least_side(width, height)), most_side(width, height)),
    )


def moved(square: Square, dx: float, dy: float, width: float, height: float) -> Square:
    """The square moved by so many pixels."""
    return fitted(Square(square.x + dx, square.y + dy, square.side), width, height)


def scaled(square: Square, factor: float, width: float, height: float) -> Square:
    """The square made larger or smaller about its centre."""
    return fitted(Square(square.x, square.y, square.side * factor), width, height)


def pulled(
    square: Square, corner: tuple[int, int], x: float, y: float, width: float, height: float
) -> Square:
    """The square with one corner pulled to a point; the opposite one stays where it is.

    Where the limits would be left, it goes as far as they allow; the square as it is where the
    corner that stays is so far outside that no size is allowed.
    """
    sx, sy = corner
    stays_x = square.x - sx * square.side / 2
    stays_y = square.y - sy * square.side / 2
    side = max((x - stays_x) * sx, (y - stays_y) * sy)
    low, high = least_side(width, height), most_side(width, height)
    for stays, sign, length in ((stays_x, sx, width), (stays_y, sy, height)):
        # the centre is at stays + sign * side / 2 and has to be in 0..length
        ends = sorted((-2.0 * stays * sign, 2.0 * (length - stays) * sign))
        low, high = max(low, ends[0]), min(high, ends[1])
    if low > high:
        return square
    side = min(max(side, low), high)
    return Square(stays_x + sx * side / 2, stays_y + sy * side / 2, side)
