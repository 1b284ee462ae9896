"""Arenas: the heaps of the C library, kept few so that memory stays flat.

glibc gives threads heaps of their own, up to eight for each core, and what a thread frees stays in
its heap. Here threads come and go with arrays of megabytes (maps, portraits, engines), and each
would leave its largest in another heap: a view a second cost 90 MB in three minutes, of which
nothing was in use (tools/LOG.md).
"""

import ctypes
import os

ARENAS = 3
"""The main thread's, and two for all others."""

_M_ARENA_MAX = -8  # malloc.h


def limit_arenas() -> bool:
    """Have at most ``ARENAS`` from now on; those that exist stay.

    Returns:
        Whether it is so; False where there is another C library, or the user chose by
        MALLOC_ARENA_MAX.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return False
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018  others' mallopt means other things
        return bool(library.mallopt(_M_ARENA_MAX, ARENAS))
    except (AttributeError, OSError, TypeError):  # TypeError: Windows
        return False
