// The habits of every page. Each page works without them.
import "htmx.org";
import "./upload.js";

// Paper has no fold-outs: all are open while printing, and as they were afterwards.
let closed = [];
window.addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("main details:not([open])")];
  for (const one of closed) one.open = true;
});
window.addEventListener("afterprint", () => {
  for (const one of closed) one.open = false;
});

// A page that only prints when asked to has a button that does nothing else.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// "/" leads to the search field from anywhere but another field.
const field = document.getElementById("search");
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !field) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// A key that stands on a button or link ([data-key]) presses it, wherever one is but in a field.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!pressed) return;
  event.preventDefault();
  pressed.click();
});

// Among hits the arrow keys go from one to the next, up from the first back to the field.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const hits = [...document.querySelectorAll("a.hit")];
  const at = hits.indexOf(document.activeElement);
  if (!step || !hits.length || (at < 0 && document.activeElement !== field)) return;
  event.preventDefault();
  (hits[Math.min(at + step, hits.length - 1)] ?? field).focus();
});

// A table with data-copy gets a button of that name, which copies what is shown as CSV; data-copied says that it did.
function csv(table) {
  const text = (cell) => cell.innerText.replace(/\s+/g, " ").trim();
  const quoted = (value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const harmless = (value) => (/^[=+@\t]|^-(?![\d.,\s]*$)/.test(value) ? `'${value}` : value);
  return [...table.rows].map((row) => [...row.cells].map((cell) => quoted(harmless(text(cell)))).join(",")).join("\r\n");
}
function copies(root) {
  for (const table of root.querySelectorAll("table[data-copy]:not([data-copies])")) {
    table.dataset.copies = "yes";
    const button = Object.assign(document.createElement("button"), { type: "button", className: "copy d-print-none", textContent: table.dataset.copy });
    button.dataset.scripted = "";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(csv(table));
      button.textContent = table.dataset.copied;
      button.setAttribute("aria-live", "polite");
      setTimeout(() => (button.textContent = table.dataset.copy), 2000);
    });
    (table.closest(".scroll") ?? table).after(button);
  }
}
if (navigator.clipboard) {
  copies(document);
  document.addEventListener("htmx:after:swap", () => copies(document));
}
