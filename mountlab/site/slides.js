// Turns the slides of a page, one at a time; a picture is drawn when its slide is first seen.
const deck = document.querySelector(".deck");
const slides = [...deck.querySelectorAll(".slide")];
const where = document.getElementById("where");
const drawn = new WeakSet();
let now = 0;

function wake(slide) {
  for (const [kind, paint] of painters) {
    for (const place of slide.querySelectorAll(`.${kind}[data-of]`)) {
      if (drawn.has(place)) continue;
      drawn.add(place);
      paint(place, JSON.parse(document.getElementById(place.dataset.of).textContent));
    }
  }
}

function show(number) {
  now = Math.min(Math.max(number, 0), slides.length - 1);
  slides.forEach((slide, at) => { slide.hidden = at !== now; });
  wake(slides[now]);
  where.textContent = `${now + 1} of ${slides.length}`;
  history.replaceState(null, "", `#slide-${now + 1}`);
  window.scrollTo(0, 0);
  slides[now].focus({ preventScroll: true });
}

const fromAddress = () => Number(location.hash.replace("#slide-", "")) - 1 || 0;
const KEYS = { PageDown: 1, PageUp: -1, ArrowRight: 1, ArrowLeft: -1 };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  // A picture, a question, a table and a wide output have keys of their own.
  if (event.target.closest?.(".stepper, .question, .matrix, .cell-output, input, summary")) return;
  if (event.key in KEYS) show(now + KEYS[event.key]);
  else if (event.key === "Home") show(0);
  else if (event.key === "End") show(slides.length - 1);
  else return;
  event.preventDefault();
});
for (const button of document.querySelectorAll("[data-go]")) {
  button.addEventListener("click", () => show(now + Number(button.dataset.go)));
}
window.addEventListener("hashchange", () => show(fromAddress()));
window.addEventListener("beforeprint", () => {
  slides.forEach((slide) => { slide.hidden = false; wake(slide); });
});
window.addEventListener("afterprint", () => show(now));
deck.classList.add("turning");
show(fromAddress());
