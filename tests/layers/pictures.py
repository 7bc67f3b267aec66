"""Tiles and capabilities as servers of map pictures send them."""

from __future__ import annotations

from io import BytesIO
from xml.sax.saxutils import quoteattr

from PIL import Image

HERE = 80.25, 13.05
BOX = (80.0, 12.8, 80.4, 13.3)


def tile(colour: str = "blue", kind: str = "PNG", side: int = 256, mode: str = "RGBA") -> bytes:
    out = BytesIO()
    Image.new(mode, (side, side), colour).save(out, kind)
    return out.getvalue()


def pixel(body: bytes) -> tuple[int, ...]:
    with Image.open(BytesIO(body)) as opened:
        return opened.convert("RGB").getpixel((0, 0))


_WMS_LAYER = """<Layer queryable="1"><Title>Root</Title>{systems}
 <Layer><Name>flood</Name><Title>Flood &amp; depth</Title>{box}</Layer>
 <Layer><Name>roads</Name><Title>Roads</Title>{box}</Layer></Layer>"""


def wms(version: str, get_map: str, *, systems: tuple[str, ...] = ("EPSG:4326", "EPSG:3857"), formats=("image/png",)):
    """Capabilities of WMS 1.1.1 (with its document type) or 1.3.0."""
    old = version == "1.1.1"
    west, south, east, north = BOX
    if old:
        box = f'<LatLonBoundingBox minx="{west}" miny="{south}" maxx="{east}" maxy="{north}"/>'
        head = (
            '<!DOCTYPE WMT_MS_Capabilities SYSTEM "http://schemas.opengis.net/wms/1.1.1/WMS_MS_Capabilities.dtd">'
            '<WMT_MS_Capabilities version="1.1.1">'
        )
        end = "</WMT_MS_Capabilities>"
    else:
        box = (
            f"<EX_GeographicBoundingBox><westBoundLongitude>{west}</westBoundLongitude><eastBoundLongitude>{east}"
            f"</eastBoundLongitude><southBoundLatitude>{south}</southBoundLatitude><northBoundLatitude>{north}"
            "</northBoundLatitude></EX_GeographicBoundingBox>"
        )
        head = '<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms">'
        end = "</WMS_Capabilities>"
    tag = "SRS" if old else "CRS"
    layers = _WMS_LAYER.format(systems="".join(f"<{tag}>{each}</{tag}>" for each in systems), box=box)
    types = "".join(f"<Format>{each}</Format>" for each in formats)
    link = f'xmlns:xlink="http://www.w3.org/1999/xlink" xlink:type="simple" xlink:href={quoteattr(get_map)}'
    door = f"<OnlineResource {link}/>"
    get = f"<DCPType><HTTP><Get>{door}</Get></HTTP></DCPType>"
    body = (
        f"{head}<Service><Name>WMS</Name><Title>City</Title>{door}</Service><Capability><Request>"
        f"<GetCapabilities><Format>text/xml</Format>{get}</GetCapabilities><GetMap>{types}{get}</GetMap></Request>"
        f"<Exception><Format>XML</Format></Exception>{layers}</Capability>{end}"
    )
    return ('<?xml version="1.0" encoding="UTF-8"?>' + body).encode()


def wmts(*, template: str = "", get_tile: str = "", corner: str = "-20037508.3427892 20037508.3427892") -> bytes:
    """Capabilities of WMTS 1.0.0 with zooms 0 to 3 of GoogleMapsCompatible and one set in degrees."""
    matrices = "".join(
        f"<TileMatrix><ows:Identifier>level-{z}</ows:Identifier><ScaleDenominator>{559082264.0287178 / 2**z}"
        f"</ScaleDenominator><TopLeftCorner>{corner}</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256"
        f"</TileHeight><MatrixWidth>{2**z}</MatrixWidth><MatrixHeight>{2**z}</MatrixHeight></TileMatrix>"
        for z in range(4)
    )
    resource = f'<ResourceURL format="image/png" resourceType="tile" template="{template}"/>' if template else ""
    operation = (
        '<ows:OperationsMetadata><ows:Operation name="GetTile"><ows:DCP><ows:HTTP>'
        f'<ows:Get xlink:href="{get_tile}"/></ows:HTTP></ows:DCP></ows:Operation></ows:OperationsMetadata>'
        if get_tile
        else ""
    )
    links = "".join(
        f"<TileMatrixSetLink><TileMatrixSet>{name}</TileMatrixSet></TileMatrixSetLink>" for name in ("degrees", "web")
    )
    degrees = (
        "<TileMatrixSet><ows:Identifier>degrees</ows:Identifier><ows:SupportedCRS>urn:ogc:def:crs:EPSG::4326"
        "</ows:SupportedCRS><TileMatrix><ows:Identifier>0</ows:Identifier><ScaleDenominator>279541132.0143589"
        "</ScaleDenominator><TopLeftCorner>90.0 -180.0</TopLeftCorner><TileWidth>256</TileWidth><TileHeight>256"
        "</TileHeight><MatrixWidth>2</MatrixWidth><MatrixHeight>1</MatrixHeight></TileMatrix></TileMatrixSet>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Capabilities xmlns="http://www.opengis.net/wmts/1.0" '
        'xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.0.0">'
        f"{operation}<Contents><Layer><ows:Title>Aerial</ows:Title><ows:WGS84BoundingBox><ows:LowerCorner>80.0 12.8"
        "</ows:LowerCorner><ows:UpperCorner>80.4 13.3</ows:UpperCorner></ows:WGS84BoundingBox><ows:Identifier>aerial"
        '</ows:Identifier><Style isDefault="true"><ows:Identifier>plain</ows:Identifier></Style><Format>image/png'
        f"</Format>{links}{resource}</Layer>{degrees}<TileMatrixSet><ows:Identifier>web</ows:Identifier>"
        f"<ows:SupportedCRS>urn:ogc:def:crs:EPSG::3857</ows:SupportedCRS>{matrices}</TileMatrixSet></Contents>"
        "</Capabilities>"
    ).encode()
