"""Which of the original classes are mixed up, where a study joins several into one."""
