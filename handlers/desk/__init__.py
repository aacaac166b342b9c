"""The desk: groups of the staff, where appeals are answered, and what customers do to their own messages."""
