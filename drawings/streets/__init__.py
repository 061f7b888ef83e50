"""Street scenes of two drawn cities, with every object's outline: see `layout.StreetTrees`."""
