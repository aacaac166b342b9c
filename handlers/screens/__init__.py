"""What people see: pure functions from what is known to a Screen, in the language of the moment."""
