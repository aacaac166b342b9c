"""Meter readings: what was typed, whether it can be true, submissions."""
