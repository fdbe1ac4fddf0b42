// Saving what is seen on the map: as pixels (PNG), or as a drawing with a circle for every member in view (SVG).

const MOST_DRAWN = 5000; // members in a drawing; programs that open it become slow beyond
const LINE = 20;

// Where the names of the groups stand below the map: [{ x, y, entry }], and how high all of them are.
function legendPlaces(entries, width, measure) {
  const places = [];
  let [x, y] = [12, LINE];
  for (const entry of entries) {
    const wide = measure(entry.name) + 34;
    if (x > 12 && x + wide > width) [x, y] = [12, y + LINE];
    places.push({ x, y, entry });
    x += wide;
  }
  return { places, height: places.length ? y + 14 : 0 };
}

// Members in view with their place and paint, in the order in which they are drawn: dimmed ones first.
function dotsInView(view, scene, most) {
  const { layer, flags, groups } = scene;
  const [width, height] = [view.stage.clientWidth, view.stage.clientHeight];
  const dots = [];
  for (let i = 0; i < layer.n; i += 1) {
    if (layer.codes[layer.dims * i] === MISSING) continue;
    const [x, y, w] = project(scene.to, layer.codes, layer.dims, i, width, height);
    if (!(x >= 0 && x <= width && y >= 0 && y <= height)) continue;
    if (dots.length === most) return null;
    const group = scene.labels[i] === MISSING ? groups : scene.labels[i];
    const lit = view.picks.lit(scene.labels[i]) && (!flags || Boolean(flags[i]));
    const value = scene.ramped ? layer.values[i] : MISSING;
    const color = scene.ramped && value !== MISSING ? rampColor(view.ramp, value / (MISSING - 1)) : view.palette[scene.ramped ? groups : group];
    const radius = (scene.perspective ? (scene.size * scene.perspective) / w : scene.size) / 2;
    dots.push({ x, y, radius, color, lit, hollow: scene.ramped ? value === MISSING : group === groups });
  }
  return dots.sort((a, b) => a.lit - b.lit);
}

function mapAsDrawing(view) {
  const scene = view.scene(performance.now());
  const dots = dotsInView(view, scene, MOST_DRAWN);
  if (!dots) return null;
  const space = "http://www.w3.org/2000/svg";
  const [width, height] = [view.stage.clientWidth, view.stage.clientHeight];
  const { places, height: below } = legendPlaces(view.saved(), width, (name) => name.length * 7);
  const drawing = document.createElementNS(space, "svg");
  const add = (tag, attributes, text = "") => {
    const node = document.createElementNS(space, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.textContent = text;
    drawing.append(node);
  };
  const paint = (color, hollow) => (hollow ? { fill: "none", stroke: cssColor(color) } : { fill: cssColor(color) });
  const size = { viewBox: `0 0 ${width} ${height + below}`, width, height: height + below };
  for (const [name, value] of Object.entries(size)) drawing.setAttribute(name, value);
  add("title", {}, view.header.title);
  add("rect", { width, height: height + below, fill: cssColor(view.background) });
  for (const { x, y, radius, color, lit, hollow } of dots) {
    const opacity = (lit ? scene.opacity : scene.dimmed).toFixed(2);
    add("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: radius.toFixed(2), opacity, ...paint(color, hollow) });
  }
  for (const { x, y, entry } of places) {
    add("circle", { cx: x + 5, cy: height + y - 4, r: 5, ...paint(entry.color, entry.id === -1) });
    add("text", { x: x + 16, y: height + y, "font-family": "sans-serif", "font-size": 12, fill: cssColor(view.text) }, entry.name);
  }
  return new Blob([new XMLSerializer().serializeToString(drawing)], { type: "image/svg+xml" });
}

function mapAsPixels(view) {
  const { ratio } = view;
  const [width, height] = [view.stage.clientWidth, view.stage.clientHeight];
  const sheet = document.createElement("canvas");
  const context = sheet.getContext("2d");
  context.font = "12px sans-serif";
  const { places, height: below } = legendPlaces(view.saved(), width, (name) => context.measureText(name).width);
  [sheet.width, sheet.height] = [Math.round(width * ratio), Math.round((height + below) * ratio)];
  context.scale(ratio, ratio);
  context.fillStyle = cssColor(view.background);
  context.fillRect(0, 0, width, height + below);
  // What WebGL has drawn is gone after the frame, so it is drawn once more, and all of it.
  view.renderer.draw({ ...view.scene(performance.now()), every: 1 });
  context.drawImage(view.canvas, 0, 0, width, height);
  context.drawImage(view.overlay.node, 0, 0, width, height);
  context.font = "12px sans-serif";
  for (const { x, y, entry } of places) {
    context.fillStyle = context.strokeStyle = cssColor(entry.color);
    context.beginPath();
    context.arc(x + 5, height + y - 4, 5, 0, 2 * Math.PI);
    if (entry.id === -1) context.stroke();
    else context.fill();
    context.fillStyle = cssColor(view.text);
    context.fillText(entry.name, x + 16, height + y);
  }
  return new Promise((done) => sheet.toBlob(done, "image/png"));
}

function saveFile(blob, name) {
  const link = element("a", "", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
