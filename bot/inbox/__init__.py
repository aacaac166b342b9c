"""Updates from Telegram, kept and worked off."""
