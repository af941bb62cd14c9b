"""Proofs of what rapfiles promises when things go wrong; README.md here says how they work."""
