// Bars that glide to their new length; names are set as text, never as markup.
function item(list) {
  const li = document.createElement("li")
  for (const name of ["dot", "name", "rail", "text"]) li.appendChild(document.createElement("span")).className = name
  li.children[2].appendChild(document.createElement("i"))
  li.onclick = () => list.send?.(li.value_)
  li.onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); list.send?.(li.value_) }
    if (event.key === "ArrowDown") { event.preventDefault(); li.nextElementSibling?.focus() }
    if (event.key === "ArrowUp") { event.preventDefault(); li.previousElementSibling?.focus() }
  }
  return li
}

export default function ({ parentElement, data, setTriggerValue }) {
  const list = parentElement.querySelector(".bars")
  list.classList.toggle("pick", data.pick)
  list.style.columns = data.columns > 1 ? `${data.columns} 140px` : ""
  // Every row is a grid of its own: columns of one width in all rows keep the bars aligned.
  const longest = (field) => Math.max(1, ...data.bars.map((bar) => bar[field].length))
  list.style.setProperty("--name", longest("name") > 16 ? "4fr" : `${longest("name") * 0.58}em`)
  list.style.setProperty("--text", `${longest("text") * 0.54}em`)
  list.send = data.pick ? (value) => setTriggerValue("picked", value) : null
  while (list.children.length > data.bars.length) list.lastChild.remove()
  while (list.children.length < data.bars.length) list.appendChild(item(list))
  data.bars.forEach((bar, i) => {
    const li = list.children[i]
    const [dot, name, rail, text] = li.children
    li.value_ = bar.value
    li.classList.toggle("chosen", bar.value === data.chosen)
    if (data.pick) { li.tabIndex = 0; li.setAttribute("role", "button"); li.setAttribute("aria-pressed", bar.value === data.chosen) }
    dot.style.background = dot.style.borderColor = rail.firstChild.style.background = bar.color
    dot.classList.toggle("none", bar.value < 0)
    name.textContent = name.title = bar.name
    rail.firstChild.style.width = `${100 * bar.part}%`
    text.textContent = bar.text
  })
}
