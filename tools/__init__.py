"""Tools for developers; `make` calls them."""
