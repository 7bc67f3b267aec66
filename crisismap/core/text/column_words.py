"""What a column of a table looks like by its name, in the languages of the program and some of their neighbours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum


class ColumnKind(StrEnum):
    """What the values of a column seem to be; the value is the phrase that messages use."""

    LON = "a longitude"
    LAT = "a latitude"
    POINT = "coordinates"
    SHAPE = "a geometry"
    PLACE = "a place"
    PHONE = "a telephone number"
    TIME = "a time"
    CAPACITY = "a capacity"
    PEOPLE = "a number of people"


# Whole names, the usual ones first: where several columns fit, the first name of this list that exists is taken.
LON_NAMES = (
    *("longitude", "lon", "long", "lng", "x", "point_x", "easting", "#geo+lon", "longitud", "bujur", "xcoord"),
    *("x_coord", "x_coordinate", "coord_x", "lon_dd", "long_dd", "gps_lon", "gps_longitude", "_gps_longitude"),
    *("_location_longitude", "länge", "längengrad", "देशांतर", "देशान्तर", "தீர்க்கரேகை", "நெட்டாங்கு", "خط الطول", "经度"),
)
LAT_NAMES = (
    *("latitude", "lat", "y", "point_y", "northing", "#geo+lat", "latitud", "lintang", "ycoord"),
    *("y_coord", "y_coordinate", "coord_y", "lat_dd", "gps_lat", "gps_latitude", "_gps_latitude"),
    *("_location_latitude", "breite", "breitengrad", "अक्षांश", "அட்சரேகை", "அகலாங்கு", "خط العرض", "纬度"),
)
SHAPE_NAMES = (
    *(
        "wkt",
        "geometry",
        "the_geom",
        "geom",
        "shape",
        "wkt_geom",
        "wkb_geometry",
        "geojson",
        "st_asgeojson",
        "st_astext",
    ),
    *("geometria", "geometri", "geometrie", "geo_shape", "ewkt"),
)
POINT_NAMES = (
    *("coordinates", "coords", "coordinate", "lat_lon", "latlon", "lat_long", "latlong", "lat_lng", "latlng", "gps"),
    *("gps_coordinates", "geopoint", "geo_point", "geo_point_2d", "location_gps", "lat,lon", "lat, lon", "lat/lon"),
    *("lonlat", "lon_lat", "lnglat", "longlat", "position", "point", "coordenadas", "koordinat", "koordinaten"),
    *("निर्देशांक", "ஆயத்தொலைவுகள்", "إحداثيات", "الإحداثيات", "location", "geolocation", "#geo+coord"),
)
_WORDS: dict[ColumnKind, tuple[str, ...]] = {
    ColumnKind.LON: ("longitude", "longitud", "lon", "lng", "bujur", "देशांतर", "देशान्तर", "தீர்க்கரேகை", "الطول"),
    ColumnKind.LAT: ("latitude", "latitud", "lat", "lintang", "अक्षांश", "அட்சரேகை", "العرض"),
    ColumnKind.POINT: (
        "coordinates",
        "coordinate",
        "coords",
        "gps",
        "latlon",
        "latlng",
        "lonlat",
        "coordenadas",
        "koordinat",
    ),
    ColumnKind.SHAPE: ("wkt", "geom", "geometry", "geojson", "wkb"),
    ColumnKind.PHONE: (
        *(
            "phone",
            "phones",
            "tel",
            "telephone",
            "mobile",
            "cell",
            "cellphone",
            "hotline",
            "whatsapp",
            "contact",
            "fax",
        ),
        *(
            "teléfono",
            "telefono",
            "celular",
            "móvil",
            "contacto",
            "telepon",
            "telp",
            "hp",
            "kontak",
            "telefon",
            "handy",
        ),
        *("फोन", "फ़ोन", "मोबाइल", "संपर्क", "सम्पर्क", "தொலைபேசி", "கைபேசி", "தொடர்பு", "هاتف", "الهاتف", "جوال", "电话"),
    ),
    ColumnKind.CAPACITY: (
        *("capacity", "cap", "beds", "seats", "places", "capacidad", "plazas", "camas", "cupo", "kapasitas", "tampung"),
        *("capacité", "kapazität", "plätze", "क्षमता", "கொள்ளளவு", "سعة", "السعة", "容量", "vacancy", "vacancies"),
    ),
    ColumnKind.PEOPLE: (
        *(
            "people",
            "persons",
            "person",
            "pax",
            "occupancy",
            "occupied",
            "occupants",
            "evacuees",
            "population",
            "residents",
        ),
        *(
            "inhabitants",
            "families",
            "households",
            "headcount",
            "idps",
            "personas",
            "ocupación",
            "ocupacion",
            "población",
        ),
        *("poblacion", "habitantes", "familias", "orang", "jiwa", "penghuni", "pengungsi", "penduduk", "personen"),
        *("einwohner", "belegt", "लोग", "व्यक्ति", "जनसंख्या", "परिवार", "மக்கள்", "நபர்கள்", "குடும்பங்கள்"),
        *("أشخاص", "سكان", "السكان", "عائلات", "人数", "人口"),
    ),
    ColumnKind.TIME: (
        *(
            "date",
            "time",
            "datetime",
            "timestamp",
            "updated",
            "created",
            "modified",
            "reported",
            "observed",
            "measured",
        ),
        *("hours", "since", "until", "fecha", "hora", "actualizado", "tanggal", "waktu", "jam"),
        *("datum", "zeit", "stand", "heure", "तारीख", "समय", "मिति", "தேதி", "நேரம்", "تاريخ", "التاريخ", "وقت", "日期"),
    ),
    ColumnKind.PLACE: (
        *("address", "addr", "street", "location", "place", "landmark", "district", "village", "town", "city", "ward"),
        *("municipality", "neighbourhood", "neighborhood", "postcode", "zip", "dirección", "direccion", "ubicación"),
        *(
            "ubicacion",
            "lugar",
            "alamat",
            "lokasi",
            "tempat",
            "kecamatan",
            "desa",
            "kelurahan",
            "adresse",
            "ort",
            "lieu",
        ),
        *("पता", "स्थान", "ठेगाना", "ठाउँ", "முகவரி", "இடம்", "عنوان", "العنوان", "موقع", "الموقع", "مكان", "地址"),
    ),
}
_OTHER_NAME = re.compile(r"(alt_|local_|old_)?name([_:][a-z]{2,3})?")
_SPLIT = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|[\s_./\\,;:()\[\]#+|&'\"-]+")


def is_other_name(name: str) -> bool:
    """Return whether a column holds other names of the same thing: `name_ta`, `name:hi`, `alt_name`."""
    return _OTHER_NAME.fullmatch(name.casefold()) is not None


def folded(name: str) -> str:
    """Return a column name for comparison: one Unicode form, no case, no spaces around it, no unit in brackets."""
    plain = unicodedata.normalize("NFKC", name).strip().casefold()
    return re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", plain).strip(" .:*°") or plain


def column_by_name(names: Sequence[str], known: Sequence[str]) -> str | None:
    """Return the column whose name is the first of `known` that exists; None for none."""
    by_name = {folded(name): name for name in reversed(names)}
    by_name = {key.replace(" ", "_").replace("-", "_"): name for key, name in by_name.items()} | by_name
    return next((by_name[each] for each in known if each in by_name), None)


def column_kind(name: str) -> ColumnKind | None:
    """Return what a column looks like by the words of its name; None for anything else."""
    if folded(name) in ("x", "y"):
        return ColumnKind.LON if folded(name) == "x" else ColumnKind.LAT
    words = {folded(word) for word in _SPLIT.split(unicodedata.normalize("NFKC", name)) if word}
    return next((kind for kind, known in _WORDS.items() if words.intersection(known)), None)
