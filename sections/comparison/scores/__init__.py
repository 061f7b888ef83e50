"""The scores of all models, and paired tests between them."""
