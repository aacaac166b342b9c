"""The energy supplier: its data, its port, what readings cost."""
