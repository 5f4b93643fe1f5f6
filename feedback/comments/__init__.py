"""What people wrote, between a release and whoever will review it."""
