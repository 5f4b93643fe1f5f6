"""Who is asked what, and where: programs, instruments, links, reading plans, totals of work."""
