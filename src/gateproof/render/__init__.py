"""Outcome → what people and machines read: terminal text, JSON, SARIF, JUnit, Markdown, GitHub annotations, HTML."""
