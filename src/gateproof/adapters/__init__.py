"""Adapters: one file for each outside system. What decides gets bytes and values, and knows none of them."""
