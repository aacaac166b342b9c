"""Notices to people, paced and sent."""
