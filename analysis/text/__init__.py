"""The words of comments: names taken out, themes, sentiment. Imports nothing of ours."""
