"""Onboarding: what a repository has, what can be proved there today, and what to do next.

Pure: files' names and bytes come in, an ``Inventory``, a proposal, a week's plan or a diagnosis come out. Nothing that
is looked at is run, and no value of it is passed on but names: of resources, images, people, keys of tags.
"""
