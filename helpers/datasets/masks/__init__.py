"""One's own images with a class for every pixel, whatever way their masks are laid out and written."""
