"""What stands behind `run_all.sh`: its options, the graph of chapters, one chapter's job, and the end of a run."""
