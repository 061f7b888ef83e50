"""The HTML pages of the report, made from executed notebooks. Nothing else knows how a page looks."""
