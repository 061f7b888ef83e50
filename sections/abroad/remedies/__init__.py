"""What helps abroad without new labels."""

from sections.abroad.remedies import sentences, tables
