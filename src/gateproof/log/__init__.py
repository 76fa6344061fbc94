"""The transparency log: what was decided, in an order that nobody can change without being seen.

``append`` adds entries, ``reader`` gives a verified view, ``receipt`` shows inclusion without the store, ``fsck``
checks every file. ``interface`` is the contract that stores fulfil.
"""
