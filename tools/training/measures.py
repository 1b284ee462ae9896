"""What a result is measured by: pixels, structure, landmarks, identity. Pictures are RGB uint8."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

TEMPLATE = np.array(
    [[38.29, 51.70], [73.53, 51.50], [56.03, 71.74], [41.55, 92.37], [70.73, 92.20]], np.float32
)
"""Where a 112-pixel face embedding expects eyes, nose tip and mouth corners."""


def ssim(a: Image, b: Image) -> float:
    """Structural similarity, 7x7 uniform window, data range 1, mean over RGB."""
    import cv2

    def mean(picture: NDArray[np.float64]) -> NDArray[np.float64]:
        return cv2.blur(picture, (7, 7)).astype(np.float64, copy=False)

    x, y = a.astype(np.float64) / 255, b.astype(np.float64) / 255
    mx, my = mean(x), mean(y)
    unbiased = 49 / 48
    vx = unbiased * (mean(x * x) - mx * mx)
    vy = unbiased * (mean(y * y) - my * my)
    vxy = unbiased * (mean(x * y) - mx * my)
    c1, c2 = 0.01**2, 0.03**2
    value = (2 * mx * my + c1) * (2 * vxy + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))
    return float(value[3:-3, 3:-3].mean())


class Mesh:
    """MediaPipe's face mesh on single pictures."""

    def __init__(self) -> None:
        import mediapipe

        self.mesh = mediapipe.solutions.face_mesh.FaceMesh(
            static_image_mode=True, refine_landmarks=True, min_detection_confidence=0.3
        )

    def __call__(self, image: Image) -> NDArray[np.float32] | None:
        """(478, 3) float32 px, or None without a face."""
        found = self.mesh.process(image).multi_face_landmarks
        if not found:
            return None
        size = np.array([image.shape[1], image.shape[0], image.shape[1]], np.float32)
        return np.array([[p.x, p.y, p.z] for p in found[0].landmark], np.float32) * size

    def close(self) -> None:
        """Free the graph."""
        self.mesh.close()


class Identity:
    """MobileFaceNet embeddings: 128 numbers of length 1."""

    def __init__(self, path: Path) -> None:
        import cv2

        self.net = cv2.dnn.readNetFromONNX(str(path))

    def __call__(self, image: Image, landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
        """The embedding of the face that ``landmarks`` (478, 3) px describe."""
        import cv2

        eyes = [landmarks[list(pair), :2].mean(0) for pair in ((33, 133), (362, 263))]
        points = np.stack([*eyes, landmarks[1, :2], landmarks[61, :2], landmarks[291, :2]])
        matrix, _ = cv2.estimateAffinePartial2D(points, TEMPLATE, method=cv2.LMEDS)
        face = cv2.warpAffine(image, matrix, (112, 112))
        self.net.setInput(cv2.dnn.blobFromImage(face, 1 / 127.5, (112, 112), (127.5,) * 3))
        vector = self.net.forward().ravel().astype(np.float32)
        return vector / np.linalg.norm(vector)
