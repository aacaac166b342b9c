"""The outside world on one machine: a strict Bot API server and the people who write to the bot.

It speaks HTTP only and knows nothing of the bot under it.
"""
