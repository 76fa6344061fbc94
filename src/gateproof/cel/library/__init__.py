"""What functions do: each takes CEL values and gives one, or raises EvaluationError."""
