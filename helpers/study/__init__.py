"""A study file, read and checked: what data, which models, with which recipes."""
