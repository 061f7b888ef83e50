"""What helps abroad without new labels."""
