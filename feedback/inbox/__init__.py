"""What Send stores, sealed: put in here, and opened by nothing but a release."""
