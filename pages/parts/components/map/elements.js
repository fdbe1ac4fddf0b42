// Small pieces of the page. Text always goes in as text; the only markup is the constant drawings of the icons.

const ICONS = {
  hand: "M8 13V5.5a1.5 1.5 0 0 1 3 0V12m0-.5v-7a1.5 1.5 0 0 1 3 0V12m0-6.500a1.5 1.5 0 0 1 3 0V12m0-4.500a1.500 1.500 0 0 1 3 0V15a6 6 0 0 1-6 6h-2a6 6 0 0 1-5-2.700c-.300-.400-1.400-2.300-3.300-5.700a1.500 1.500 0 0 1 .500-2 1.900 1.900 0 0 1 2.300.300L8 13",
  lasso: "M7 21q-1.500-1.500-1.200-4M12 4c5 0 9 2.700 9 6s-4 6-9 6c-2 0-4-.4-5.400-1.200C4.400 13.700 3 12 3 10c0-3.300 4-6 9-6zM5.800 17a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  box: "M4 7V4h3M11 4h2M17 4h3v3M20 11v2M20 17v3h-3M13 20h-2M7 20H4v-3M4 13v-2",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  pixels: "M4 8h3l2-3h6l2 3h3v11H4zM12 16.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  drawing: "M12 4v11M7 11l5 5 5-5M5 20h14",
  clear: "M6 6l12 12M18 6L6 18",
  play: "M8 5v14l11-7z",
  pause: "M8 5v14M16 5v14",
};

function element(tag, className, attributes = {}, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  drawing.append(path);
  return drawing;
}

function iconButton(name, label, onClick, className = "") {
  const button = element("button", `tool ${className}`, { type: "button", "aria-label": label, title: label }, icon(name));
  button.addEventListener("click", onClick);
  return button;
}

const numberText = (value) => value.toLocaleString("en-US");
const shortNumber = (value) => (Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
  ? value.toExponential(1)
  : value.toLocaleString("en-US", { maximumSignificantDigits: 4 }));
const cssColor = (rgb) => `rgb(${rgb.join(",")})`;
const reducedMotion = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
