// Bundles and trims what browsers load, and names each file by its content:
//   pages.css   Tabler as far as pages use it, then hanse.css and the other sheets of pages/style
//   pages.js    htmx and the few habits of every page
//   charts.js   the parts of ECharts that pictures use; only pages with pictures load it
//   map.js      MapLibre and the partner map, a module, with map-worker.js and map.css; only the map loads them
//   world-110.json, world-50.json   borders, coarse and finer, as TopoJSON of Natural Earth
// Run by `make frontend`; writes src/hanse/fronts/pages/static/pages/ with a manifest, and each file compressed too.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import postcss from "postcss";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const fronts = join(here, "..", "src", "hanse", "fronts");
const out = join(fronts, "pages", "static", "pages");
const DARK = "[data-bs-theme=dark]";

// Tabler asks for an attribute to be dark; pages follow the reader's system, which takes no script.
function darkBySystem(css) {
  const root = postcss.parse(css);
  root.walkRules((rule) => {
    if (!rule.selector.includes(DARK) || rule.parent.name === "media") return;
    const selectors = rule.selectors.map((one) => one.replaceAll(`body${DARK}`, "body").replaceAll(DARK, ":root").replace(/^:root :root/, ":root"));
    const dark = postcss.atRule({ name: "media", params: "(prefers-color-scheme: dark)" });
    dark.append(rule.clone({ selectors: [...new Set(selectors)] }));
    const light = rule.selectors.filter((one) => !one.includes(DARK));
    rule.before(dark);
    if (light.length) rule.selectors = light;
    else rule.remove();
  });
  return root.toString();
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "static" ? [] : sources(path);
    return /\.(html|py)$/.test(entry.name) ? [path] : [];
  });
}

async function style() {
  const tabler = readFileSync(join(here, "node_modules/@tabler/core/dist/css/tabler.min.css"), "utf8");
  const [trimmed] = await new PurgeCSS().purge({
    content: sources(fronts),
    css: [{ raw: tabler }],
    variables: true,
    keyframes: true,
    fontFace: true,
    safelist: ["htmx-request", "htmx-indicator"],
    blocklist: [/^navbar/, /^dropdown/, /^carousel/, /^modal/, /^offcanvas/, /^tooltip/, /^popover/],
  });
  const folder = join(fronts, "pages", "style");
  const sheets = ["hanse.css", ...readdirSync(folder).filter((name) => name !== "hanse.css").sort()];
  const own = sheets.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  const whole = darkBySystem(trimmed.css.replace(/\/\*#.*?\*\//g, "")) + own;
  return (await transform(whole, { loader: "css", minify: true, target: ["es2022"] })).code;
}

async function script(name, format = "iife") {
  const built = await build({
    entryPoints: [join(here, name)],
    bundle: true,
    minify: true,
    write: false,
    format,
    target: ["es2022"],
    legalComments: "none",
  });
  return built.outputFiles[0].text;
}

// Countries without what nobody draws: their outlines, numbered as ISO does.
function world(name) {
  const read = JSON.parse(readFileSync(join(here, "node_modules/world-atlas", name), "utf8"));
  for (const one of read.objects.countries.geometries) delete one.properties;
  return JSON.stringify({ ...read, objects: { countries: read.objects.countries } });
}

const made = {
  "pages.css": await style(),
  "pages.js": await script("pages.js"),
  "charts.js": await script("charts.js"),
  "map.js": await script("map.js", "esm"),
  "map-worker.js": await script("node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs", "esm"),
  "map.css": (await transform(readFileSync(join(here, "node_modules/maplibre-gl/dist/maplibre-gl.css"), "utf8"), { loader: "css", minify: true })).code,
  "world-110.json": world("countries-110m.json"),
  "world-50.json": world("countries-50m.json"),
};
// made beside the old files and put in their place at once, for pages are served and tests run meanwhile
const fresh = `${out}.${process.pid}`;
mkdirSync(fresh, { recursive: true });
const manifest = {};
for (const [name, text] of Object.entries(made)) {
  const bytes = Buffer.from(text);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const named = name.replace(/\.(\w+)$/, `.${hash}.$1`);
  manifest[name] = named;
  const compressed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  writeFileSync(join(fresh, named), bytes);
  writeFileSync(join(fresh, `${named}.br`), compressed);
  writeFileSync(join(fresh, `${named}.gz`), gzipSync(bytes, { level: 9 }));
  console.log(`${named.padEnd(32)} ${bytes.length} bytes, ${compressed.length} compressed`);
}
writeFileSync(join(fresh, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
rmSync(out, { recursive: true, force: true });
renameSync(fresh, out);
