// Pointer and keyboard. This file only finds out what the user means; what happens then is the view's business.

const CLICK_SLIP = 4; // pixels a pointer may move and still have clicked

class Gestures {
  constructor(stage, view) {
    this.stage = stage;
    this.view = view;
    this.pointers = new Map();
    this.gesture = null;
    const listen = (name, handler, options) => stage.addEventListener(name, handler.bind(this), options);
    listen("pointerdown", this.down);
    listen("pointermove", this.move);
    listen("pointerup", this.up);
    listen("pointercancel", this.cancel);
    listen("pointerleave", () => view.hover(null));
    listen("wheel", this.wheel, { passive: false });
    listen("dblclick", (event) => this.onCanvas(event) && view.fit());
    listen("contextmenu", (event) => event.preventDefault());
    listen("keydown", this.key);
    // Wherever in the map the keyboard is; a search box first empties itself.
    view.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.composedPath()[0].value) this.escape();
    });
  }

  // The tool bar lies on the stage; what happens there is not meant for the map. After a pointer was captured the browser
  // names the stage itself.
  onCanvas(event) {
    const target = event.composedPath()[0];
    return target === this.stage || target === this.view.canvas;
  }

  place(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  down(event) {
    if (!this.onCanvas(event) || event.button === 1) return;
    this.stage.setPointerCapture(event.pointerId);
    const at = this.place(event);
    this.pointers.set(event.pointerId, at);
    this.view.hover(null);
    if (this.pointers.size === 2) {
      this.gesture = { kind: "pinch", span: this.span(), middle: this.middle() };
    } else if (this.pointers.size === 1) {
      this.gesture = { kind: this.kindOf(event), start: at, last: at, moved: false, path: [...at] };
      this.gesture.adding = event.ctrlKey || event.metaKey;
      this.gesture.touch = event.pointerType === "touch";
    }
  }

  kindOf(event) {
    if (this.view.dims === 3) return event.button === 2 || event.shiftKey ? "pan" : "turn";
    if (event.button === 2) return "pan";
    if (event.shiftKey && this.view.may("lasso")) return this.view.mode === "box" ? "box" : "lasso";
    return this.view.mode;
  }

  span() {
    const [[ax, ay], [bx, by]] = this.pointers.values();
    return Math.hypot(ax - bx, ay - by) || 1;
  }

  middle() {
    const [[ax, ay], [bx, by]] = this.pointers.values();
    return [(ax + bx) / 2, (ay + by) / 2];
  }

  move(event) {
    const at = this.place(event);
    if (!this.gesture) {
      this.view.hover(this.onCanvas(event) ? at : null);
      return;
    }
    if (!this.pointers.has(event.pointerId)) return;
    this.pointers.set(event.pointerId, at);
    if (this.gesture.kind === "pinch") {
      if (this.pointers.size === 2) this.pinch();
      return;
    }
    this.step(at);
  }

  pinch() {
    const [span, middle] = [this.span(), this.middle()];
    this.view.pan(middle[0] - this.gesture.middle[0], middle[1] - this.gesture.middle[1]);
    this.view.zoomNow(span / this.gesture.span, middle);
    Object.assign(this.gesture, { span, middle });
  }

  step(at) {
    const { gesture } = this;
    const [dx, dy] = [at[0] - gesture.last[0], at[1] - gesture.last[1]];
    gesture.moved ||= Math.hypot(at[0] - gesture.start[0], at[1] - gesture.start[1]) > CLICK_SLIP;
    if (!gesture.moved) return;
    gesture.last = at;
    if (gesture.kind === "turn") this.view.turn(dx, dy);
    else if (gesture.kind === "pan") this.view.pan(dx, dy);
    else {
      if (gesture.kind === "lasso" && Math.hypot(dx, dy) > 0) gesture.path.push(...at);
      this.view.outline(this.corners());
    }
  }

  // The outline of the running box or lasso as a flat list of corners.
  corners() {
    const { kind, path, start, last } = this.gesture;
    return kind === "lasso" ? path : [start[0], start[1], last[0], start[1], last[0], last[1], start[0], last[1]];
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId) || !this.gesture) return;
    const { gesture } = this;
    if (gesture.kind === "pinch") {
      // The finger that stays must not jump into a drag.
      if (this.pointers.size === 0) this.gesture = null;
      return;
    }
    const corners = this.corners();
    this.gesture = null;
    this.view.outline(null);
    if (!gesture.moved) {
      if (event.button === 0) this.view.click(this.place(event), gesture.touch ? 22 : 12);
    } else if (gesture.kind === "lasso" || gesture.kind === "box") {
      this.view.select(corners, gesture.adding);
    } else {
      this.view.settled();
    }
  }

  cancel(event) {
    this.pointers.delete(event.pointerId);
    this.gesture = null;
    this.view.outline(null);
  }

  wheel(event) {
    // A picture to look at lets the page scroll on.
    if (this.view.plain && !event.ctrlKey) return;
    event.preventDefault();
    // Lines and pages (Firefox) count as so many pixels.
    const pixels = event.deltaY * [1, 16, 400][event.deltaMode];
    const strength = event.ctrlKey ? 0.01 : 0.0018; // a pinch on a touch pad arrives as a wheel with ctrl
    this.view.zoomNow(Math.exp(-Math.max(-400, Math.min(400, pixels)) * strength), this.place(event));
    this.view.settled();
  }

  key(event) {
    if (event.target !== this.stage || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
    if (steps[event.key]) this.view.dims === 3 ? this.view.turn(...steps[event.key]) : this.view.pan(...steps[event.key]);
    else if (event.key === "+" || event.key === "=") this.view.zoom(1.4);
    else if (event.key === "-" || event.key === "_") this.view.zoom(1 / 1.4);
    else if (event.key === "0" || event.key === "Home") this.view.fit();
    else if (event.key === "l" || event.key === "L") this.view.toggleMode("lasso");
    else if (event.key === "b" || event.key === "B") this.view.toggleMode("box");
    else return;
    event.preventDefault();
    // Streamlit has shortcuts of its own on single letters.
    event.stopPropagation();
  }

  escape() {
    if (this.gesture) {
      this.gesture = null;
      this.view.outline(null);
    } else {
      this.view.clear();
    }
  }
}
