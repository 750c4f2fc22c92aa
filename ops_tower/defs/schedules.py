"""When the job runs."""

import dagster as dg

from ops_tower.settings import DAILY_JOB, Settings


@dg.definitions
def defs() -> dg.Definitions:
    """Once a day, at the hour and in the zone that the settings name."""
    settings = Settings()
    return dg.Definitions(
        schedules=[
            dg.ScheduleDefinition(
                job_name=DAILY_JOB,
                name="ops_daily",
                cron_schedule=f"0 {settings.schedule_hour} * * *",
                execution_timezone=settings.schedule_time_zone,
                default_status=dg.DefaultScheduleStatus.RUNNING,
            )
        ]
    )
