"""What is measured and how; each figure is reproducible by one command. See README.md."""
