"""The report: what notebooks show, and the HTML pages made from them. Nothing else knows HTML."""
