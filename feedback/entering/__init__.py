"""Answers that somebody enters for others: from paper, and from a file."""
