"""Digests of pictures: the same pixels in another file are the same picture."""

import logging
from hashlib import blake2b
from pathlib import Path

import numpy as np

from avatar import picture
from avatar.errors import InputError
from avatar.frame import Image

log = logging.getLogger(__name__)


def digest_of(image: Image) -> str:
    """Of the pixels, (H, W, 3) uint8."""
    known = blake2b(np.array(image.shape, np.int64).tobytes(), digest_size=20)
    known.update(np.ascontiguousarray(image).data)  # no copy: that would hold other threads up
    return known.hexdigest()


def digest_of_file(path: Path) -> str:
    """Of the pixels of a picture file; one that cannot be read is not the same as any."""
    try:
        return digest_of(picture.read(path).image)
    except InputError as error:
        log.info("%s: %s", path, error)
        return f"unreadable {path.name}"
