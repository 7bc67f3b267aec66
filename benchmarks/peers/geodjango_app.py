"""The peer of the ingest job on PostGIS, as in GeoDjango's tutorial: one model with a point, one view that saves it.

Without sessions, forms or other middleware, which would only slow it down; connections to the database are kept. The
point has an index and the key is unique, as in ours. Nothing is redacted, merged, chained, published or followed.
"""

from __future__ import annotations

import json
import os

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={
        "default": {
            "ENGINE": "django.contrib.gis.db.backends.postgis",
            "NAME": "with_postgis",
            "USER": "crisismap",
            "HOST": "127.0.0.1",
            "PORT": os.environ["BENCH_POSTGRES"],
            "CONN_MAX_AGE": None,
        }
    },
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],  # gives answers their length
    INSTALLED_APPS=["django.contrib.gis"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    ROOT_URLCONF=__name__,
    USE_TZ=True,
)
django.setup()

from django.contrib.gis.db import models  # noqa: E402 - Django wants its settings first
from django.contrib.gis.geos import Point  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402


class Report(models.Model):
    """The stored report."""

    category = models.TextField(db_index=True)
    text = models.TextField(blank=True)
    place = models.PointField(srid=4326, null=True)
    accuracy_m = models.FloatField(null=True)
    people = models.IntegerField(null=True)
    client_id = models.TextField(unique=True, null=True)

    class Meta:
        """The app that it belongs to."""

        app_label = "bench"


def create(request: HttpRequest) -> HttpResponse:
    """Store one report, each in a transaction of its own."""
    body = json.loads(request.body)
    lon, lat = body.pop("lon"), body.pop("lat")
    report = Report.objects.create(place=Point(lon, lat, srid=4326), **body)
    return JsonResponse({"id": report.pk}, status=201)


def healthz(_request: HttpRequest) -> HttpResponse:
    """Answer that it is running."""
    return HttpResponse("ok")


urlpatterns = [path("api/v1/reports", create), path("healthz", healthz)]
app = get_wsgi_application()


def make_table() -> None:
    """Make the table of reports anew."""
    with connection.schema_editor() as editor:
        editor.execute('DROP TABLE IF EXISTS "bench_report"')
        editor.create_model(Report)


def count() -> int:
    """Return the number of stored reports."""
    number: int = Report.objects.count()
    return number
