"""Rego, compiled to Python: OPA's verdicts, in process."""
