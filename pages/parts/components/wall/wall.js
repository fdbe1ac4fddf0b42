// A wall of cards. Titles and words are set as text, never as markup; pictures are "data:" addresses only.
function picture([source, caption], words) {
  const figure = document.createElement("figure")
  if (!source.startsWith("data:image/")) return figure
  const image = figure.appendChild(document.createElement("img"))
  image.onload = () => image.classList.toggle("small", image.naturalHeight > 0 && image.naturalHeight < 40 && !source.startsWith("data:image/svg"))
  image.src = source
  image.alt = caption || words
  image.loading = "lazy"
  if (caption) figure.appendChild(document.createElement("figcaption")).textContent = caption
  return figure
}

function card(tile, data, send) {
  const box = document.createElement("div")
  box.className = "tile"
  box.classList.toggle("bare", !tile.title && !data.pick)
  box.classList.toggle("chosen", tile.value === data.chosen)
  if (tile.title) {
    const head = box.appendChild(document.createElement("div"))
    head.className = "head"
    if (tile.color) head.appendChild(document.createElement("i")).style.background = tile.color
    const title = head.appendChild(document.createElement("span"))
    title.textContent = title.title = tile.title
  }
  if (tile.pictures.length) {
    const row = box.appendChild(document.createElement("div"))
    row.className = "pictures"
    row.append(...tile.pictures.map((one) => picture(one, tile.words)))
  }
  if (tile.words) {
    const words = box.appendChild(document.createElement("div"))
    words.className = "words"
    words.textContent = words.title = tile.words
  }
  if (data.pick) {
    box.tabIndex = 0
    box.setAttribute("role", "button")
    box.setAttribute("aria-pressed", tile.value === data.chosen)
    box.onclick = () => send(tile.value)
    box.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); send(tile.value) } }
  }
  return box
}

export default function ({ parentElement, data, setTriggerValue }) {
  const wall = parentElement.querySelector(".wall")
  wall.classList.toggle("pick", data.pick)
  const titled = data.tiles.some((tile) => tile.title)
  const most = Math.max(0, ...data.tiles.map((tile) => tile.pictures.length))
  wall.style.setProperty("--size", `${data.size}px`)
  wall.style.setProperty("--least", titled ? `${Math.max(most ? 190 : 300, most * (data.width + 10) + 24)}px` : `${most > 1 ? most * (data.width + 12) : data.width + 8}px`)
  const now = JSON.stringify(data)
  if (wall.shown === now) return
  wall.shown = now
  wall.replaceChildren(...data.tiles.map((tile) => card(tile, data, (value) => setTriggerValue("picked", value))))
}
