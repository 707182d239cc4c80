// The pictures. An element with data-chart="ID" is drawn from the JSON in <script type="application/json" id="ID">, an
// ECharts option; the table beside it says the same to whoever cannot see it. Drawn as SVG, so that print is sharp and no
// inline style is needed in the page.
import { LineChart, SankeyChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { getInstanceByDom, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([LineChart, SankeyChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

// A colour of an option may be one of the style sheet ("var(--level-gold)"), so that it follows light and dark.
function coloured(key, value) {
  const named = typeof value === "string" && /^var\((--[\w-]+)\)$/.exec(value);
  return named ? getComputedStyle(document.documentElement).getPropertyValue(named[1]).trim() : value;
}

function draw(place) {
  const option = JSON.parse(document.getElementById(place.dataset.chart).textContent, coloured);
  getInstanceByDom(place)?.dispose();
  const chart = init(place, dark.matches ? "dark" : null, { renderer: "svg" });
  chart.setOption({
    backgroundColor: "transparent",
    animation: !still.matches,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    ...option,
    tooltip: { renderMode: "richText", ...option.tooltip },
  });
  new ResizeObserver(() => chart.resize()).observe(place);
}

function drawAll(root = document) {
  for (const place of root.querySelectorAll("[data-chart]")) draw(place);
}

drawAll();
dark.addEventListener("change", () => drawAll());
document.addEventListener("htmx:after:swap", (event) => drawAll(event.target));
