"""What this feature adds to the shell."""
