"""gateproof: executable gates, signed proof, answers that can be checked offline."""
