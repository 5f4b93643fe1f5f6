"""For whoever runs this: backups, the doctor, the bench."""
