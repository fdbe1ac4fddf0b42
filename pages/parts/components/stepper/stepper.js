// A row of steps; text is set as text, never as markup. Elements are reused so that the bars can glide.
const CHECK = "M2.5 7.5 L6 11 L12 3.5"

function item() {
  const li = document.createElement("li")
  const bar = li.appendChild(document.createElement("div"))
  bar.className = "bar"
  bar.appendChild(document.createElement("i"))
  const name = li.appendChild(document.createElement("div"))
  name.className = "name"
  const svg = name.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg"))
  svg.setAttribute("viewBox", "0 0 14 14")
  svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "path")).setAttribute("d", CHECK)
  name.appendChild(document.createElement("span"))
  li.appendChild(document.createElement("div")).className = "note"
  return li
}

export default function ({ parentElement, data }) {
  const list = parentElement.querySelector(".steps")
  while (list.children.length > data.length) list.lastChild.remove()
  while (list.children.length < data.length) list.appendChild(item())
  data.forEach((step, i) => {
    const li = list.children[i]
    li.className = step.state
    if (step.state === "now") li.setAttribute("aria-current", "step")
    else li.removeAttribute("aria-current")
    const part = step.state === "done" ? 1 : step.state === "next" ? 0 : Math.max(0.02, Math.min(1, step.part))
    li.querySelector("i").style.width = `${100 * part}%`
    li.querySelector("svg").style.display = step.state === "done" ? "" : "none"
    li.querySelector(".name span").textContent = step.name
    li.querySelector(".note").textContent = step.note
  })
}
