"""Hypothesis profiles: `quick` for every run, `deep` for `make fuzz`. No test of ours is about time."""

from hypothesis import HealthCheck, settings

NOT_ABOUT_TIME = (HealthCheck.too_slow,)

settings.register_profile("quick", deadline=None, max_examples=100, suppress_health_check=NOT_ABOUT_TIME)
settings.register_profile(
    "deep", deadline=None, max_examples=5_000, suppress_health_check=NOT_ABOUT_TIME, print_blob=True
)
settings.load_profile("quick")
