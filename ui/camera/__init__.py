"""What drives the portrait: cameras, files, framing."""
