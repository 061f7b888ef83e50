"""What is lost abroad, class by class."""
