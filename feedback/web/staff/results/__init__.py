"""Results as the staff read them: overview, programs, strategies, who was heard, measures, releases."""
