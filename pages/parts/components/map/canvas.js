// The way out where a browser has no WebGL2: the same scenes on a 2-D canvas, with fewer dots.

const CANVAS_LIMIT = 50000;

const parseColor = (text) => {
  const hex = /^#?([0-9a-f]{6})/i.exec(text.trim());
  if (hex) return [0, 2, 4].map((at) => parseInt(hex[1].slice(at, at + 2), 16));
  const numbers = text.match(/[\d.]+/g);
  return numbers && numbers.length >= 3 ? numbers.slice(0, 3).map(Number) : [128, 128, 128];
};

// The color at `t` (0..1) of a sequential scale.
function rampColor(colors, t) {
  if (colors.length === 1) return colors[0];
  const place = Math.min(Math.max(t, 0), 1) * (colors.length - 1);
  const first = Math.min(Math.floor(place), colors.length - 2);
  return colors[first].map((part, i) => Math.round(mixNumber(part, colors[first + 1][i], place - first)));
}

class CanvasRenderer {
  constructor(canvas) {
    this.canvas = canvas;
    this.limit = CANVAS_LIMIT;
    this.context = canvas.getContext("2d");
    this.palette = [];
    this.lit = [];
    this.ramp = [];
  }

  resize(width, height, ratio) {
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
    [this.width, this.height, this.ratio] = [width, height, ratio];
  }

  setPalette(colors, lit) {
    this.palette = colors;
    this.lit = lit;
  }

  setRamp(colors) {
    this.ramp = colors;
  }

  draw(scene) {
    const { context } = this;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    const every = Math.max(scene.every, scene.layer.n / this.limit);
    const count = Math.floor(scene.layer.n / every);
    for (const lit of scene.dimming ? [false, true] : [true]) {
      context.globalAlpha = lit ? scene.opacity : scene.dimmed;
      // One dot from each stretch, at a place that changes from stretch to stretch: members may come in turns.
      for (let i = 0; i < count; i += 1) this.dot(scene, Math.floor((i + ((i * 0.618034) % 1)) * every), lit);
    }
    context.globalAlpha = 1;
  }

  dot(scene, i, lit) {
    const { layer, before } = scene;
    if (layer.codes[layer.dims * i] === MISSING) return;
    const group = scene.labels[i] === MISSING ? scene.groups : scene.labels[i];
    const bright = this.lit[group] && (!scene.flags || scene.flags[i]);
    if (scene.dimming && Boolean(bright) !== lit) return;
    const to = project(scene.to, layer.codes, layer.dims, i, this.width, this.height);
    const from = scene.mix < 1 ? project(scene.from, before.codes, layer.dims, i, this.width, this.height) : to;
    const [x, y] = [mixNumber(from[0], to[0], scene.mix), mixNumber(from[1], to[1], scene.mix)];
    const { context } = this;
    const coded = scene.ramped ? layer.values[i] : 0;
    const color = scene.ramped && coded !== MISSING ? rampColor(this.ramp, coded / (MISSING - 1)) : null;
    const paint = `rgb(${(color ?? this.palette[scene.ramped ? scene.groups : group]).join(",")})`;
    const size = scene.perspective ? (scene.size * scene.perspective) / to[2] : scene.size;
    context.beginPath();
    context.arc(x, y, size / 2, 0, 2 * Math.PI);
    if (group === scene.groups && !color) {
      context.strokeStyle = paint;
      context.stroke();
    } else {
      context.fillStyle = paint;
      context.fill();
    }
  }

  dispose() {}
}
