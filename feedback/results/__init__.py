"""What was published, for whoever may read it, and when more comes. Pages read nothing else."""
