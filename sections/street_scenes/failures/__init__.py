"""The scenes on which a segmenter fails."""
