"""What customers add to the shell."""
