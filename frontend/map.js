// The partner map. The page says everything without it: here is the picture, which asks for what is in its window and opens
// clusters as one comes nearer. Colours are those of the legend and of the style sheet, so that they follow light and dark.
import { Map as Picture, NavigationControl, Popup, setWorkerUrl } from "maplibre-gl";
import { feature, mesh } from "topojson-client";

const place = document.getElementById("map");
const told = JSON.parse(document.getElementById("map-told").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const numbers = new Intl.NumberFormat(told.language);
const short = new Intl.NumberFormat(told.language, { notation: "compact", maximumFractionDigits: 1 });
const regions = new Intl.DisplayNames(told.language, { type: "region" });
const FINER = 3; // from this zoom on borders are drawn finer
const ROWS = 12;
const LAST = 15; // nearer than this a cluster opens no further, and leads to its list

function canDraw() {
  const canvas = document.createElement("canvas");
  const drawing = canvas.getContext("webgl2");
  drawing?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(drawing);
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function levelColours() {
  const found = told.levels.map((one) => {
    const shown = document.querySelector(`[data-level="${CSS.escape(one)}"]`);
    return shown ? getComputedStyle(shown).color : colour("--level");
  });
  return ["match", ["get", "level"], ...found.flatMap((one, at) => [at, one]), colour("--level")];
}

const empty = { type: "FeatureCollection", features: [] };
function point(longitude, latitude, properties) {
  return { type: "Feature", geometry: { type: "Point", coordinates: [longitude, latitude] }, properties };
}

// The style is written anew for light and dark; what is drawn stays.
function style(land, borders, partners) {
  const found = {
    version: 8,
    sources: {
      land: { type: "geojson", data: land },
      borders: { type: "geojson", data: borders },
      partners: { type: "geojson", data: partners },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": colour("--map-sea") } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": colour("--map-land"), "fill-antialias": true } },
    ],
  };
  if (told.tiles) {
    found.sources.tiles = { type: "raster", tiles: [told.tiles], tileSize: 256 };
    found.layers.push({ id: "tiles", type: "raster", source: "tiles" });
  }
  found.layers.push(
    { id: "borders", type: "line", source: "borders", paint: { "line-color": colour("--map-border"), "line-width": 0.8 } },
    {
      id: "circles", type: "circle", source: "partners",
      paint: {
        "circle-color": levelColours(),
        "circle-radius": ["case", ["==", ["get", "n"], 1], 6, ["min", 27, ["+", 8, ["*", 4, ["log10", ["get", "n"]]]]]],
        "circle-stroke-color": ["case", ["==", ["get", "own"], 1], colour("--accent"), colour("--paper")],
        "circle-stroke-width": ["case", ["==", ["get", "own"], 1], 4, 1.5],
        "circle-opacity": 0.92,
      },
    },
    {
      id: "counts", type: "symbol", source: "partners", filter: [">", ["get", "n"], 1],
      layout: { "text-field": ["get", "says"], "text-font": ["Noto Sans Bold"], "text-size": 12, "text-allow-overlap": true, "text-ignore-placement": true },
      paint: { "text-color": colour("--paper") },
    },
    {
      id: "names", type: "symbol", source: "partners", filter: ["==", ["get", "n"], 1], minzoom: 7,
      layout: { "text-field": ["get", "name"], "text-font": ["Noto Sans Regular"], "text-size": 12, "text-anchor": "top", "text-offset": [0, 0.7], "text-optional": true },
      paint: { "text-color": colour("--ink"), "text-halo-color": colour("--map-land"), "text-halo-width": 1.5 },
    },
  );
  return found;
}

// Partners at the very same place are one circle, with all of them behind it.
function drawn(answer) {
  const features = answer.c.map(([x, y, n, level, w, s, e, north, together, city, country]) =>
    point(x, y, { n, level, says: short.format(n), box: [w, s, e, north].join(), together, city, country, own: 0 }));
  const places = new Map();
  const owned = new Set(answer.o.map((one) => one[3]));
  // the reader's own firm is there whatever is looked for, so that one knows where one is
  for (const one of [...answer.p.filter((each) => !owned.has(each[3])), ...answer.o]) {
    const at = `${one[0]},${one[1]}`;
    places.set(at, [...(places.get(at) ?? []), one]);
  }
  for (const group of places.values()) {
    const [x, y, level, key, name, city, country] = group[0];
    const mostly = group.length === 1 ? level : most(group.map((one) => one[2]));
    const own = Number(group.some((one) => owned.has(one[3])));
    features.push(point(x, y, { n: group.length, level: mostly, says: short.format(group.length), together: 1, key, name, city, country, own,
      group: JSON.stringify(group.map((one) => [one[3], one[4], one[2]])) }));
  }
  return { type: "FeatureCollection", features };
}

function most(levels) {
  const counted = {};
  for (const one of levels) counted[one] = (counted[one] ?? 0) + 1;
  return Number(Object.entries(counted).sort((a, b) => b[1] - a[1] || a[0] - b[0])[0][0]);
}

// -- the list beside: after one has moved it says what is in the window now ---------------------------------------------

function listed(answer) {
  const found = new Map();
  const add = (city, country, n, box, near) => {
    const at = `${city}|${country}`;
    const line = found.get(at) ?? { city, country, n: 0, near, box: [180, 90, -180, -90] };
    line.n += n;
    line.box = [Math.min(line.box[0], box[0]), Math.min(line.box[1], box[1]), Math.max(line.box[2], box[2]), Math.max(line.box[3], box[3])];
    found.set(at, line);
  };
  for (const [, , n, , w, s, e, north, together, city, country] of answer.c) add(city, country, n, [w, s, e, north], !together);
  for (const [x, y, , , , city, country] of answer.p) add(city, country, 1, [x - 0.2, y - 0.15, x + 0.2, y + 0.15], false);
  return [...found.values()].sort((a, b) => b.n - a.n || a.city.localeCompare(b.city)).slice(0, ROWS);
}

function listAnew(answer) {
  const body = document.querySelector("#places tbody");
  const row = document.getElementById("map-row");
  body.replaceChildren(...listed(answer).map((one) => {
    const made = row.content.cloneNode(true);
    const name = made.querySelector("th a");
    name.textContent = one.city ? (one.near ? told.around.replace("{city}", one.city) : one.city) : told.nowhere;
    name.href = `?${new URLSearchParams({ ...told.filters, w: one.box[0], s: one.box[1], e: one.box[2], n: one.box[3] })}`;
    made.querySelector(".below").textContent = one.country ? regions.of(one.country) : "";
    made.querySelector(".n").textContent = numbers.format(one.n);
    const list = made.querySelector("td a");
    if (list) list.href = listOf(one.city, one.country);
    return made;
  }));
  document.getElementById("places-none").hidden = body.children.length > 0;
}

function listOf(city, country) {
  const text = [told.filters.text, city].filter(Boolean).join(" ");
  return `${told.list}?${new URLSearchParams({ ...told.filters, ...(country ? { country } : {}), ...(text ? { text } : {}) })}`;
}

// -- what one does ------------------------------------------------------------------------------------------------------

function chosen(picture, feature_) {
  const one = feature_.properties;
  if (!one.group && !one.together && picture.getZoom() < LAST) {
    const [w, s, e, n] = one.box.split(",").map(Number);
    picture.fitBounds([[w, s], [e, n]], { maxZoom: LAST, animate: !still.matches });
    return;
  }
  const group = one.group ? JSON.parse(one.group) : [];
  if (group.length === 1 && told.partner) {
    window.location.assign(told.partner + encodeURIComponent(group[0][0]) + "/");
    return;
  }
  const said = document.createElement("div");
  const head = said.appendChild(document.createElement("p"));
  head.className = "popup-head";
  head.textContent = [one.city, one.country ? regions.of(one.country) : ""].filter(Boolean).join(", ");
  const list = said.appendChild(document.createElement("ul"));
  for (const [key, name] of group.slice(0, ROWS)) {
    const line = list.appendChild(document.createElement("li"));
    const link = told.partner ? line.appendChild(document.createElement("a")) : line;
    link.textContent = name;
    if (told.partner) link.href = told.partner + encodeURIComponent(key) + "/";
  }
  if (told.list && (group.length > ROWS || !group.length)) {
    const all = said.appendChild(document.createElement("a"));
    all.href = listOf(one.city, one.country);
    all.textContent = told.all.replace("{n}", numbers.format(one.n));
  }
  new Popup({ maxWidth: "18rem", focusAfterOpen: true }).setLngLat(feature_.geometry.coordinates).setDOMContent(said).addTo(picture);
}

async function borders(name) {
  const read = await (await fetch(told[name])).json();
  const { countries } = read.objects;
  const land = feature(read, countries);
  for (const one of land.features) unrolled(one.geometry);
  const lines = mesh(read, countries, (a, b) => a !== b);
  lines.coordinates = lines.coordinates.map(unrolledLine);
  return [land, lines];
}

// Across the edge of the world a line goes on beyond 180 degrees, and does not run back around the globe.
function unrolledLine(line) {
  let turns = 0;
  return line.map(([x, y], at) => {
    if (at) {
      const step = x - line[at - 1][0];
      if (step > 180) turns -= 360;
      else if (step < -180) turns += 360;
    }
    return [x + turns, y];
  });
}

function unrolled(geometry) {
  const ring = (given) => {
    const line = unrolledLine(given);
    const [first, last] = [line[0][0], line.at(-1)[0]];
    // around a pole a ring does not come back: it is closed along the edge of the map
    return Math.abs(last - first) < 180 ? line : [...line, [last, -90], [first, -90], line[0]];
  };
  geometry.coordinates = geometry.type === "Polygon" ? geometry.coordinates.map(ring) : geometry.coordinates.map((one) => one.map(ring));
}

async function begin() {
  setWorkerUrl(new URL(told.worker, window.location.href).href);
  let [land, lines] = await borders("coarse");
  let fine = false;
  let now = empty;
  const edges = told.window.split(",").map(Number);
  const picture = new Picture({
    container: place,
    style: style(land, lines, now),
    bounds: [[edges[0], edges[1]], [edges[2], edges[3]]],
    fitBoundsOptions: { padding: 8 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    renderWorldCopies: true,
    maxZoom: 17,
    fadeDuration: 0,
    locale: told.locale,
  });
  picture.touchZoomRotate.disableRotation();
  picture.keyboard.disableRotation();
  picture.addControl(new NavigationControl({ showCompass: false }), "top-right");
  picture.getCanvas().setAttribute("aria-describedby", "map-help");

  const filters = new URLSearchParams(told.filters);
  let asking = null;
  let moved = false;
  async function look() {
    asking?.abort();
    asking = new AbortController();
    const bounds = picture.getBounds();
    const seen = { w: bounds.getWest(), s: bounds.getSouth(), e: bounds.getEast(), n: bounds.getNorth(), zoom: picture.getZoom() };
    const asked = new URLSearchParams(filters);
    for (const [name, value] of Object.entries(seen)) asked.set(name, value.toFixed(4));
    let answer;
    try {
      const response = await fetch(`${told.data}?${asked}`, { signal: asking.signal, headers: { Accept: "application/json" } });
      if (!response.ok) return;
      answer = await response.json();
    } catch (error) {
      if (error.name === "AbortError") return;
      throw error;
    }
    now = drawn(answer);
    picture.getSource("partners")?.setData(now);
    picture.once("idle", () => (place.dataset.partners = String(answer.n))); // once they are drawn
    if (moved) {
      listAnew(answer);
      document.getElementById("map-count").textContent = told.within.replace("{n}", numbers.format(answer.n));
      history.replaceState(null, "", `?${asked}`);
    }
    if (!fine && picture.getZoom() >= FINER) {
      fine = true;
      [land, lines] = await borders("fine");
      picture.getSource("land")?.setData(land);
      picture.getSource("borders")?.setData(lines);
    }
  }

  picture.on("load", () => {
    place.dataset.drawn = "yes";
    look();
  });
  picture.on("movestart", () => (moved = true));
  picture.on("moveend", look);
  for (const layer of ["circles", "counts", "names"]) {
    picture.on("mouseenter", layer, () => (picture.getCanvas().style.cursor = "pointer"));
    picture.on("mouseleave", layer, () => (picture.getCanvas().style.cursor = ""));
  }
  picture.on("click", (event) => {
    const reach = 6; // a finger is not a needle
    const hits = picture.queryRenderedFeatures([[event.point.x - reach, event.point.y - reach], [event.point.x + reach, event.point.y + reach]], { layers: ["circles"] });
    const nearest = hits.sort((a, b) => away(picture, a, event.point) - away(picture, b, event.point))[0];
    if (nearest) chosen(picture, nearest);
  });
  dark.addEventListener("change", () => picture.setStyle(style(land, lines, now)));
  // the list leads to places: on the map, where there is one
  document.getElementById("places").addEventListener("click", (event) => {
    const link = event.target.closest("th a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const asked = new URLSearchParams(link.search);
    if (!asked.get("w")) return;
    event.preventDefault();
    picture.fitBounds([[asked.get("w"), asked.get("s")], [asked.get("e"), asked.get("n")]].map((edge) => edge.map(Number)), { maxZoom: LAST, animate: !still.matches });
    picture.getCanvas().focus({ preventScroll: true });
    place.scrollIntoView({ block: "nearest" });
  });
}

function away(picture, one, from) {
  const at = picture.project(one.geometry.coordinates);
  return (at.x - from.x) ** 2 + (at.y - from.y) ** 2;
}

if (canDraw()) begin();
else place.hidden = true;
