"""Data sets asked for by name: fetched from torchvision, Hugging Face or Kaggle into an ordinary folder."""
