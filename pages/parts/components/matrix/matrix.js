// A table whose cells are shaded by a share. All names are set as text, never as markup.
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }

function head(scope, { name, more, color }) {
  const cell = document.createElement("th")
  cell.scope = scope
  const inside = cell.appendChild(document.createElement("div"))
  if (color) inside.appendChild(document.createElement("i")).style.background = color
  inside.appendChild(document.createElement("span")).textContent = name
  cell.title = more || name
  return cell
}

function body(data, table, send) {
  return data.rows.map((row, r) => {
    const line = document.createElement("tr")
    line.append(head("row", row), ...data.columns.map((_, c) => cell(data, table, [r, c], send)))
    return line
  })
}

function cell(data, table, [r, c], send) {
  const box = document.createElement("td")
  const share = data.shades[r][c]
  box.style.setProperty("--share", `${Math.round(100 * share)}%`)
  box.classList.toggle("strong", share > 0.5)
  box.classList.toggle("none", share === 0)
  box.classList.toggle("chosen", data.chosen !== null && data.chosen[0] === r && data.chosen[1] === c)
  box.title = data.says[r][c]
  if (!data.pick) {
    box.textContent = data.texts[r][c]
    return box
  }
  const button = box.appendChild(document.createElement("button"))
  button.type = "button"
  button.textContent = data.texts[r][c]
  button.setAttribute("aria-label", data.says[r][c])
  button.setAttribute("aria-pressed", box.classList.contains("chosen"))
  // One stop for the tabulator; the arrows walk on from there.
  const [row, column] = data.chosen ?? [0, 0]
  button.tabIndex = row === r && column === c ? 0 : -1
  button.onclick = () => send([r, c])
  button.onkeydown = (event) => {
    const step = ARROWS[event.key]
    const next = step && table.rows[r + 1 + step[0]]?.cells[c + 1 + step[1]]?.querySelector("button")
    if (!next) return
    event.preventDefault()
    next.focus()
  }
  return box
}

export default function ({ parentElement, data, setTriggerValue }) {
  const table = parentElement.querySelector("table")
  const now = JSON.stringify(data)
  if (table.shown === now) return
  const focused = table.contains(table.getRootNode().activeElement)
  table.shown = now
  table.classList.toggle("pick", data.pick)
  const caption = document.createElement("caption")
  caption.textContent = data.alt
  const first = document.createElement("tr")
  const corner = first.appendChild(document.createElement("td"))
  corner.className = "corner"
  corner.textContent = data.corner
  first.append(...data.columns.map((column) => head("col", column)))
  table.replaceChildren(caption, first, ...body(data, table, (place) => setTriggerValue("picked", place)))
  if (focused) table.querySelector("td.chosen button")?.focus()
}
