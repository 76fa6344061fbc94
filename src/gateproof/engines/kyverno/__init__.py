"""Kyverno policies (``kyverno.io`` ClusterPolicy and Policy): validate rules with ``pattern`` and ``anyPattern``.

Read in this order: ``policy`` (YAML to rules), ``match`` (which objects a rule is for), ``autogen`` (rules for Pods on
the controllers that make Pods), ``pattern`` (the overlay language), ``scalars`` (one value against one pattern),
``engine`` (rules to Results). The verdicts are Kyverno's own; where this package is stricter, a comment says so.
"""
