"use strict";
(() => {
  const canvas = document.getElementById("map");
  const tip = document.getElementById("tip");
  const bytes = (name) => Uint8Array.from(atob(canvas.dataset[name]), (c) => c.charCodeAt(0)).buffer;
  const xy = new Uint16Array(bytes("xy")), labels = new Int16Array(bytes("labels"));
  const sure = new Uint8Array(bytes("sure")), rows = new Uint32Array(bytes("rows"));
  const n = labels.length, radius = Math.max(1.5, Math.min(3.5, 5.5 - Math.log10(n)));
  const buttons = [...document.querySelectorAll(".size")];
  const extent = [0, 1].map((axis) => { let most = 1; for (let i = axis; i < xy.length; i += 2) most = Math.max(most, xy[i]); return most; });
  let only = null, view = { scale: 1, left: 0, top: 0 };

  const place = (i) => [view.left + xy[2 * i] * view.scale, view.top + (extent[1] - xy[2 * i + 1]) * view.scale];

  function draw() {
    const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight, edge = 10;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext("2d"), style = getComputedStyle(document.documentElement), shades = {};
    const shade = (label) => (shades[label] ??= style.getPropertyValue(label < 0 ? "--none-line" : "--g" + label).trim());
    pen.scale(ratio, ratio);
    const scale = Math.min((width - 2 * edge) / extent[0], (height - 2 * edge) / extent[1]);
    view = { scale, left: (width - extent[0] * scale) / 2, top: (height - extent[1] * scale) / 2 };
    for (const chosen of only === null ? [true] : [false, true]) {
      for (let i = 0; i < n; i++) {
        if (only !== null && (labels[i] === only) !== chosen) continue;
        const [x, y] = place(i);
        pen.globalAlpha = chosen ? 0.8 : 0.12;
        pen.beginPath();
        pen.arc(x, y, radius, 0, 2 * Math.PI);
        if (labels[i] < 0) { pen.strokeStyle = shade(-1); pen.stroke(); } else { pen.fillStyle = shade(labels[i]); pen.fill(); }
      }
    }
  }

  function nearest(x, y) {
    let best = -1, least = 100;
    for (let i = 0; i < n; i++) {
      const [a, b] = place(i), away = (a - x) ** 2 + (b - y) ** 2;
      if (away < least && (only === null || labels[i] === only)) { least = away; best = i; }
    }
    return best;
  }

  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect(), i = nearest(event.clientX - box.left, event.clientY - box.top);
    const group = i < 0 ? "" : labels[i] < 0 ? "unassigned" : "Group " + (labels[i] + 1) + ", " + Math.round(100 * sure[i] / 255) + " % sure";
    tip.textContent = i < 0 ? tip.dataset.idle : "Row " + rows[i].toLocaleString("en-US") + " · " + group;
  });
  canvas.addEventListener("pointerleave", () => { tip.textContent = tip.dataset.idle; });
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const label = Number(button.dataset.label);
      only = only === label ? null : label;
      for (const other of buttons) other.setAttribute("aria-pressed", String(Number(other.dataset.label) === only));
      draw();
    });
  }
  new ResizeObserver(draw).observe(canvas);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  window.addEventListener("beforeprint", draw);
})();
