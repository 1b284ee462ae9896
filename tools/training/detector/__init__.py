"""The keypoint detector and the depth network, taught by MediaPipe's landmarks; not in the paper,
which needs none: it makes training on little data and on a CPU possible."""
