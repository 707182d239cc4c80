// The habits of every page. Each page works without them.
import "htmx.org";

// On a phone the navigation begins closed; without scripts it stays open, and so reachable.
const menu = document.querySelector("details.menu");
if (menu && window.matchMedia("(max-width: 47.99rem)").matches) menu.open = false;

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
