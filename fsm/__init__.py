"""Where a conversation stands: its states, its drafts and their durable storage."""
