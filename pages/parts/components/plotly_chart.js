// Plotly's tool bar saves one format. Beside its button, which saves a PNG, stands a second one, which saves an SVG.
function twin(chart) {
  const png = chart.querySelector(".modebar-btn[data-title]")
  if (!png || png.parentElement.querySelector(".as-svg")) return
  const svg = png.cloneNode(true)
  svg.classList.add("as-svg")
  svg.dataset.title = "Save as a drawing (SVG)"
  png.dataset.title = "Save as a picture (PNG)"
  for (const [button, label] of [[png, "PNG"], [svg, "SVG"]]) {
    const word = document.createElement("span")
    word.textContent = label
    word.style.cssText = "font: 600 11px/18px sans-serif; padding: 0 2px; color: inherit"
    button.replaceChildren(word)
    button.setAttribute("aria-label", button.dataset.title)
  }
  svg.addEventListener("click", () => {
    const options = chart._context.toImageButtonOptions
    const before = options.format
    options.format = "svg"
    png.click()
    options.format = before
  })
  png.after(svg)
}

export default function ({ parentElement, data }) {
  const look = () => document.querySelectorAll(`.${data.place} .js-plotly-plot`).forEach(twin)
  // The chart is drawn after this, and its tool bar anew with every change of the figure.
  parentElement.watching?.disconnect()
  const around = document.querySelector(`.${data.place}`)
  if (!around) return undefined
  parentElement.watching = new MutationObserver(look)
  parentElement.watching.observe(around, { childList: true, subtree: true })
  look()
  return () => parentElement.watching.disconnect()
}
