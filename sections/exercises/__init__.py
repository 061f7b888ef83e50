"""What the exercises of the chapters ask a student to write, and how it is checked: a module for each chapter."""
