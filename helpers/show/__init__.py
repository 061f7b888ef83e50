"""What a notebook shows: pictures, tables, sentences, cards and galleries, with their style and words."""
