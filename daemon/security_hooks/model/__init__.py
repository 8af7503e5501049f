"""The types every stage speaks: frozen values, no logic worth the name, nothing of ours imported."""
