"""What `dagster dev -m pipelines.definitions` loads."""

from pipelines.build import build_defs
from pipelines.run import prepare_environment
from pipelines.settings import Settings

settings = Settings()
prepare_environment(settings)
defs = build_defs(settings=settings)
