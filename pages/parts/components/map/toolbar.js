// The buttons on the map: what dragging does, zoom, saving what is seen, and letting go of a selection.

class Toolbar {
  constructor(view) {
    this.hand = iconButton("hand", "Move the map (drag)", () => view.setMode("pan"));
    this.lasso = iconButton("lasso", "Lasso: draw around members (L, or Shift and drag)", () => view.toggleMode("lasso"));
    this.box = iconButton("box", "Box: select a rectangle (B)", () => view.toggleMode("box"));
    this.clearing = iconButton("clear", "Clear the selection (Esc)", () => view.clear());
    this.modes = element("div", "tools modes", { role: "group", "aria-label": "Dragging" }, this.hand, this.lasso, this.box, this.clearing);
    this.zooms = element(
      "div",
      "tools zooms",
      { role: "group", "aria-label": "Zoom" },
      iconButton("plus", "Zoom in (+)", () => view.zoom(1.6)),
      iconButton("minus", "Zoom out (-)", () => view.zoom(1 / 1.6)),
      iconButton("fit", "Show everything (0, or double click)", () => view.fit()),
      iconButton("pixels", "Save what is seen as a picture (PNG)", () => view.save("png")),
      iconButton("drawing", `Save what is seen as a drawing (SVG), up to ${numberText(MOST_DRAWN)} members`, () => view.save("svg")),
    );
  }

  update(view) {
    this.lasso.hidden = !view.may("lasso");
    this.box.hidden = !view.may("box");
    this.hand.hidden = this.lasso.hidden && this.box.hidden;
    this.clearing.hidden = !view.picks.any;
    this.modes.hidden = [...this.modes.children].every((button) => button.hidden);
    for (const [mode, button] of [["pan", this.hand], ["lasso", this.lasso], ["box", this.box]]) {
      button.setAttribute("aria-pressed", view.mode === mode ? "true" : "false");
    }
  }
}
