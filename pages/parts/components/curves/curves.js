// Line charts that share one horizontal axis. The root keeps its zoom between calls, so new data never resets it.
const SVG = "http://www.w3.org/2000/svg"
const PAD = { left: 40, right: 8, top: 8, bottom: 20 }

const node = (name, attributes, parent) => {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  parent?.appendChild(element)
  return element
}

const written = (value, form) => {
  if (!Number.isFinite(value)) return "–"
  if (form === "percent") return `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return value.toExponential(1)
  return value.toPrecision(size >= 1000 ? 4 : 3).replace(/\.0+$/, "")
}

const ticks = (low, high, most) => {
  const raw = (high - low) / most
  if (!(raw > 0)) return [low]
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = power * [1, 2, 5, 10].find((m) => m * power >= raw)
  const found = []
  for (let t = Math.ceil(low / step) * step; t <= high + step * 1e-6; t += step) found.push(Math.abs(t) < step * 1e-6 ? 0 : t)
  return found
}

const reach = (values, low, high) => {
  let least = Infinity, most = -Infinity
  for (const v of values) if (Number.isFinite(v)) { least = Math.min(least, v); most = Math.max(most, v) }
  if (least > most) return [low, high]
  if (least === most) { const room = Math.abs(least) * 0.05 || 0.5; return [least - room, most + room] }
  return [least, most]
}

function chart(root, curve, data, width) {
  const box = document.createElement("div")
  box.className = "curve"
  box.title = curve.help
  const header = box.appendChild(document.createElement("header"))
  header.appendChild(document.createElement("b")).textContent = curve.title
  const now = header.appendChild(document.createElement("span"))
  const last = written(curve.y[curve.y.length - 1], curve.form)
  now.textContent = last
  const height = data.height
  const svg = node("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img" }, box)
  node("title", {}, svg).textContent = `${curve.title}: ${last} at the end of ${curve.x.length} points`
  const all = reach(data.curves.flatMap((c) => c.x), 0, 1)
  const [x0, x1] = root.zoom ?? all
  const inside = curve.y.filter((_, i) => curve.x[i] >= x0 && curve.x[i] <= x1)
  let [y0, y1] = reach(inside, 0, 1)
  if (y0 >= 0 && y0 < y1 * 0.6) y0 = 0
  const px = (x) => PAD.left + ((x - x0) / (x1 - x0 || 1)) * (width - PAD.left - PAD.right)
  const py = (y) => height - PAD.bottom - ((y - y0) / (y1 - y0 || 1)) * (height - PAD.top - PAD.bottom)
  for (const t of ticks(y0, y1, 3)) {
    node("line", { class: "grid", x1: PAD.left, x2: width - PAD.right, y1: py(t), y2: py(t) }, svg)
    node("text", { x: PAD.left - 6, y: py(t) + 4, "text-anchor": "end" }, svg).textContent = written(t, curve.form)
  }
  for (const t of ticks(x0, x1, Math.max(2, width / 90))) {
    if (!Number.isInteger(t)) continue
    node("text", { x: px(t), y: height - 5, "text-anchor": "middle" }, svg).textContent = t
  }
  for (const m of data.marks) if (m.at > x0 && m.at < x1) node("line", { class: "mark", x1: px(m.at), x2: px(m.at), y1: PAD.top, y2: height - PAD.bottom }, svg)
  let path = "", pen = "M"
  curve.x.forEach((x, i) => {
    if (x < x0 || x > x1 || !Number.isFinite(curve.y[i])) { pen = "M"; return }
    path += `${pen}${px(x).toFixed(1)} ${py(curve.y[i]).toFixed(1)}`
    pen = "L"
  })
  node("path", { class: "line", d: path }, svg)
  if (inside.length === 1) node("circle", { class: "dot", r: 4, cx: px(curve.x.find((x) => x >= x0)), cy: py(inside[0]) }, svg)
  listen(root, svg, { curve, now, last, px, py, x0, x1, width, height })
  return box
}

function listen(root, svg, c) {
  const at = (event) => {
    const frame = svg.getBoundingClientRect()
    const u = ((event.clientX - frame.left) / frame.width) * c.width
    return c.x0 + ((u - PAD.left) / (c.width - PAD.left - PAD.right)) * (c.x1 - c.x0)
  }
  const dot = node("circle", { class: "dot", r: 4, visibility: "hidden" }, svg)
  let from = null, pick = null
  svg.onpointerdown = (event) => { from = at(event); svg.setPointerCapture(event.pointerId); root.dragging = true }
  svg.onpointermove = (event) => {
    const x = at(event)
    if (from !== null) {
      pick ??= node("rect", { class: "pick", y: PAD.top, height: c.height - PAD.top - PAD.bottom }, svg)
      pick.setAttribute("x", c.px(Math.min(from, x)))
      pick.setAttribute("width", Math.abs(c.px(x) - c.px(from)))
      return
    }
    let near = 0
    c.curve.x.forEach((v, i) => { if (Math.abs(v - x) < Math.abs(c.curve.x[near] - x)) near = i })
    if (c.curve.x[near] < c.x0 || c.curve.x[near] > c.x1) return
    c.now.textContent = `${written(c.curve.y[near], c.curve.form)} at ${c.curve.x[near]}`
    dot.setAttribute("cx", c.px(c.curve.x[near]))
    dot.setAttribute("cy", c.py(c.curve.y[near]))
    dot.setAttribute("visibility", "visible")
  }
  svg.onpointerleave = () => { c.now.textContent = c.last; dot.setAttribute("visibility", "hidden") }
  svg.onpointerup = (event) => {
    const to = at(event)
    root.dragging = false
    if (from !== null && Math.abs(c.px(to) - c.px(from)) > 8) root.zoom = [Math.min(from, to), Math.max(from, to)]
    from = null
    root.redraw()
  }
  svg.onpointercancel = () => { from = null; root.dragging = false; root.redraw() }
  svg.ondblclick = () => { root.zoom = null; root.redraw() }
}

function draw(root) {
  if (root.dragging) return
  const data = root.data
  root.style.setProperty("--least", `${data.least}px`)
  const columns = Math.max(1, Math.floor((root.clientWidth + 20) / (data.least + 20)))
  const across = Math.min(columns, data.curves.length) || 1
  const width = Math.max(160, Math.floor((root.clientWidth - 20 * (across - 1)) / across))
  root.dataset.zoomed = root.zoom ? "yes" : "no"
  root.replaceChildren(...data.curves.map((curve) => chart(root, curve, data, width)))
  if (!data.curves.length) {
    const empty = root.appendChild(document.createElement("div"))
    empty.className = "empty"
    empty.textContent = "The first curve appears after the first round."
  }
}

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".curves")
  root.data = data
  root.redraw = () => draw(root)
  if (!root.watcher) {
    let width = 0
    root.watcher = new ResizeObserver(() => { if (root.clientWidth !== width) { width = root.clientWidth; draw(root) } })
    root.watcher.observe(root)
  }
  draw(root)
}
