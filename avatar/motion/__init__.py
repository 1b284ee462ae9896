"""From the driver's keypoints to the portrait's: the transfer and everything that shapes it."""
