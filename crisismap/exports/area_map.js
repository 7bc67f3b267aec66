// The map of one area, drawn from what lies in this file. Whatever people wrote becomes text, never markup.
window.drawArea = function (map) {
  "use strict";
  var data = JSON.parse(document.getElementById("data").textContent);
  var list = document.getElementById("list");
  var legend = document.getElementById("legend");

  function add(parent, kind, words, name) {
    var element = document.createElement(kind);
    element.textContent = words;
    if (name) element.className = name;
    parent.appendChild(element);
    return element;
  }

  function lines(title, words, notes) {
    var box = document.createElement("div");
    add(box, "strong", title);
    if (words) add(box, "p", words, "words").dir = "auto";
    notes.forEach(function (note) { add(box, "p", note, "note").dir = "auto"; });
    return box;
  }

  function picture(svg) { return "data:image/svg+xml," + encodeURIComponent(svg); }

  function icon(symbol, size) {
    return L.icon({ iconUrl: picture(data.symbols[symbol]), iconSize: [size, size], popupAnchor: [0, -size / 3] });
  }

  function span(seconds) {
    var minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
    if (minutes < 60) return minutes + " min";
    return hours < 48 ? hours + " h " + (minutes % 60) + " min" : days + " d " + (hours % 24) + " h";
  }

  function sayAge() {
    var seconds = (Date.now() - data.made_ms) / 1000;
    document.getElementById("age").textContent = seconds < -60
      ? "By the clock of this device that is still to come: the clock is wrong, and the age of this map not known."
      : "That was " + span(Math.max(seconds, 0)) + " ago by the clock of this device. It has not changed since.";
  }

  function shape(feature) {
    var style = data.styles[feature.kind];
    var drawn = L.geoJSON(feature.geometry, {
      style: style,
      pointToLayer: function (_, place) {
        if (!feature.symbol) return L.circleMarker(place, { radius: 4, color: style.color, weight: 1.5 });
        return L.marker(place, { icon: icon(feature.symbol, 30), alt: feature.title, keyboard: true });
      }
    });
    drawn.bindPopup(function () { return lines(feature.title, "", feature.notes); });
    return drawn;
  }

  function switched(layer, group) {
    var row = add(legend, "li", "");
    var label = add(row, "label", "");
    var box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.addEventListener("change", function () {
      layer.hidden = !box.checked;
      box.checked ? group.addTo(map) : group.remove();
      layOut();
    });
    label.appendChild(box);
    add(label, "span", " " + layer.title, layer.role);
    layer.notes.forEach(function (note) { add(row, "p", note, "note"); });
  }

  function place(each, number) {
    var marker = L.marker([each.lat, each.lon], {
      icon: icon(each.symbol, 36), alt: each.title, zIndexOffset: 1000 * (data.places.length - number), riseOnHover: true
    });
    marker.bindPopup(function () { return lines(each.title, each.text, each.notes); });
    if (each.radius_m) {
      L.circle([each.lat, each.lon], {
        radius: each.radius_m, weight: 1, color: data.ink, opacity: 0.4, fillOpacity: 0.06, interactive: false
      }).addTo(map);
    }
    marker.addTo(map);
    var row = add(list, "li", "");
    var button = add(row, "button", "");
    var mark = document.createElement("img");
    mark.src = picture(data.symbols[each.symbol]);
    mark.alt = "";
    button.appendChild(mark);
    add(button, "span", each.title);
    button.addEventListener("click", function () { map.setView(marker.getLatLng(), Math.max(map.getZoom(), 15)); marker.openPopup(); });
    if (each.text) add(row, "p", each.text, "words").dir = "auto";
    each.notes.forEach(function (note) { add(row, "p", note, "note").dir = "auto"; });
  }

  // Names: none on another or on a request, the important and the large ones first. Shaped by the browser's own fonts.
  var names = document.createElement("div");
  names.className = "names";
  names.setAttribute("aria-hidden", "true"); // each is the title of its feature too
  map.createPane("names").appendChild(names);
  map.getPane("names").style.zIndex = 550;
  map.getPane("names").style.pointerEvents = "none";
  var pen = document.createElement("canvas").getContext("2d");
  var kinds = Object.keys(data.names);
  var labels = [];
  data.layers.forEach(function (layer) {
    layer.features.forEach(function (feature) {
      if (feature.label && data.names[feature.kind]) labels.push({ of: feature, layer: layer, style: data.names[feature.kind] });
    });
  });
  labels.sort(function (one, other) {
    return kinds.indexOf(one.of.kind) - kinds.indexOf(other.of.kind) || other.of.label.span - one.of.label.span;
  });

  function around(point, width, height) {
    return { left: point.x - width / 2, right: point.x + width / 2, top: point.y - height / 2, bottom: point.y + height / 2 };
  }

  function layOut() {
    var zoom = map.getZoom(), size = map.getSize(), written = {}, tried = 0;
    var pixels = 256 * Math.pow(2, zoom) / 360;
    var taken = data.places.map(function (each) { return around(map.latLngToContainerPoint([each.lat, each.lon]), 36, 36); });
    names.textContent = "";
    labels.forEach(function (each) {
      var label = each.of.label, style = each.style;
      if (zoom < style.from || each.layer.hidden || tried >= 600) return;
      var place = L.latLng(label.lat, label.lon), at = map.latLngToContainerPoint(place);
      if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) return;
      tried += 1;
      pen.font = style.weight + " " + style.size + "px system-ui, sans-serif";
      var width = pen.measureText(label.text).width;
      if (label.span && label.span * pixels < 0.8 * width) return;
      var box = around(L.point(at.x, at.y + (style.below || 0)), width + 6, style.size + 6);
      var key = each.of.kind + label.text;
      if (written[key] || box.left < 0 || box.right > size.x || box.top < 0 || box.bottom > size.y) return;
      if (taken.some(function (other) {
        return box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top;
      })) return;
      taken.push(box);
      written[key] = true;
      var name = add(names, "span", label.text);
      name.dir = "auto";
      name.style.cssText = "font:" + (style.italic ? "italic " : "") + pen.font + ";line-height:1;color:" + style.color;
      L.DomUtil.setPosition(name, map.latLngToLayerPoint(place).add([-width / 2, (style.below || 0) - style.size / 2]).round());
    });
  }

  document.title = data.title;
  document.getElementById("title").textContent = data.title;
  document.getElementById("origin").textContent = data.origin;
  document.getElementById("counts").textContent = data.counts;
  document.getElementById("care").textContent = data.care;
  document.getElementById("made-up").hidden = !data.made_up;
  map.setMinZoom(3).setMaxZoom(19);
  map.getContainer().style.background = data.land;
  data.layers.forEach(function (layer) {
    switched(layer, L.layerGroup(layer.features.map(shape)).addTo(map));
  });
  data.places.forEach(place);
  map.fitBounds(data.bounds, { padding: [16, 16] });
  layOut();
  map.on("zoomstart", function () { names.textContent = ""; });
  map.on("moveend zoomend resize", layOut);
  sayAge();
  setInterval(sayAge, 30000);
};
