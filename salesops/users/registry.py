"""What users add to the shell."""
