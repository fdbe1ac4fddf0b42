// Where the viewer stands. Both cameras give one matrix from codes (0..1) to the clip space of WebGL, made in doubles:
// a single shader serves two and three dimensions, and a deep zoom does not shake.

const spanOf = (bounds, axis) => ((bounds.high[axis] - bounds.low[axis]) * MISSING) / (MISSING - 1) || 0;
const mixNumber = (a, b, t) => a + (b - a) * t;

// Air in CSS pixels: the tool bar lies above.
const ABOVE = 56;
const BELOW = 20;

class FlatCamera {
  constructor() {
    this.width = 1;
    this.height = 1;
    this.at = { x: 0, y: 0, scale: 1 }; // middle in data units, CSS pixels per data unit
    this.touched = false; // once the user has moved, new data no longer moves the camera
    this.home = this.at;
  }

  // The view that shows all of `bounds`, below the tool bar.
  fitted(bounds) {
    const [dx, dy] = [bounds.high[0] - bounds.low[0], bounds.high[1] - bounds.low[1]];
    const scale = Math.min(
      Math.max(40, this.width - 56) / (dx || dy || 1),
      Math.max(40, this.height - ABOVE - BELOW) / (dy || dx || 1),
    );
    const y = (bounds.low[1] + bounds.high[1]) / 2 + (ABOVE - BELOW) / 2 / scale;
    return { x: (bounds.low[0] + bounds.high[0]) / 2, y, scale };
  }

  matrix(bounds) {
    const { x, y, scale } = this.at;
    const [sx, sy] = [(2 * scale) / this.width, (2 * scale) / this.height];
    const m = new Float64Array(16);
    m[0] = sx * spanOf(bounds, 0);
    m[5] = sy * spanOf(bounds, 1);
    m[12] = sx * (bounds.low[0] - x);
    m[13] = sy * (bounds.low[1] - y);
    m[15] = 1;
    return m;
  }

  // CSS pixels to codes of a layer.
  toCode(bounds, px, py) {
    const { x, y, scale } = this.at;
    const [wx, wy] = [x + (px - this.width / 2) / scale, y - (py - this.height / 2) / scale];
    const code = (value, axis) => ((value - bounds.low[axis]) / (spanOf(bounds, axis) || 1)) * MISSING;
    return [code(wx, 0), code(wy, 1)];
  }

  radiusInCodes(bounds, pixels) {
    const radius = (axis) => ((pixels / this.at.scale) / (spanOf(bounds, axis) || 1)) * MISSING;
    return [radius(0), radius(1)];
  }

  pan(dx, dy) {
    const { x, y, scale } = this.at;
    this.at = { x: x - dx / scale, y: y + dy / scale, scale };
    this.touched = true;
  }

  drag(dx, dy) {
    this.pan(dx, dy);
  }

  zoomed(factor, px = this.width / 2, py = this.height / 2) {
    const { x, y, scale } = this.at;
    // Beyond this the steps between codes would show.
    const next = Math.min(Math.max(scale * factor, this.home.scale / 4), this.home.scale * 400);
    const shift = (offset) => offset / scale - offset / next;
    return { x: x + shift(px - this.width / 2), y: y - shift(py - this.height / 2), scale: next };
  }

  mix(from, to, t) {
    // Scales are mixed by their logarithm: a zoom then feels even.
    const scale = Math.exp(mixNumber(Math.log(from.scale), Math.log(to.scale), t));
    return { x: mixNumber(from.x, to.x, t), y: mixNumber(from.y, to.y, t), scale };
  }

  // Where the camera stands, in shares of the data and of the whole view: the same on a window of any size.
  standing(bounds) {
    const share = (value, axis) => (value - bounds.low[axis]) / (bounds.high[axis] - bounds.low[axis] || 1);
    return [share(this.at.x, 0), share(this.at.y, 1), this.magnification];
  }

  stand(bounds, [right, up, magnification]) {
    const place = (share, axis) => bounds.low[axis] + share * (bounds.high[axis] - bounds.low[axis] || 1);
    const within = Math.min(Math.max(magnification, 0.25), 400);
    this.at = { x: place(right, 0), y: place(up, 1), scale: this.home.scale * within };
  }

  get magnification() {
    return this.at.scale / this.home.scale;
  }

  get perspective() {
    return 0;
  }
}

const DISTANCE = 3.4; // of the eye from the middle, in half sizes of the data
const LENS = 2.6;

class OrbitCamera {
  constructor() {
    this.width = 1;
    this.height = 1;
    this.at = { yaw: 0.6, pitch: 0.45, zoom: 1, dx: 0, dy: 0 };
    this.touched = false;
    this.home = this.at;
    this.frame = null; // middle and half size of the data, fixed when the camera was last fitted
  }

  fitted(bounds) {
    const middle = [0, 1, 2].map((axis) => (bounds.low[axis] + bounds.high[axis]) / 2);
    const half = Math.max(...[0, 1, 2].map((axis) => (bounds.high[axis] - bounds.low[axis]) / 2)) || 1;
    this.frame = { middle, half };
    return { yaw: 0.6, pitch: 0.45, zoom: 1, dx: 0, dy: 0 };
  }

  matrix(bounds) {
    const { yaw, pitch, zoom, dx, dy } = this.at;
    const { middle, half } = this.frame;
    const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
    // Rows of the rotation: right, up, towards the viewer.
    const rows = [[cy, 0, sy], [sy * sp, cp, -cy * sp], [-sy * cp, sp, cy * cp]];
    const small = Math.min(this.width, this.height);
    const lens = LENS * zoom;
    const [fx, fy] = [(lens * small) / this.width, (lens * small) / this.height];
    const m = new Float64Array(16);
    for (let axis = 0; axis < 3; axis += 1) {
      const span = spanOf(bounds, axis) / half;
      const offset = (bounds.low[axis] - middle[axis]) / half;
      const [x, y, z] = rows.map((row) => row[axis]);
      // w is the distance from the eye; depth runs from -1 (near) to 1 (far) over twice the size of the data.
      m[axis * 4] = fx * x * span;
      m[axis * 4 + 1] = fy * y * span;
      m[axis * 4 + 2] = -z * span * (DISTANCE / 2.2);
      m[axis * 4 + 3] = -z * span;
      m[12] += fx * x * offset;
      m[13] += fy * y * offset;
      m[14] -= z * offset * (DISTANCE / 2.2);
      m[15] -= z * offset;
    }
    m[15] += DISTANCE;
    // Moving the picture sideways must not depend on depth: shift by a multiple of w.
    for (let column = 0; column < 4; column += 1) {
      m[column * 4] += (2 * dx) / this.width * m[column * 4 + 3];
      m[column * 4 + 1] += (2 * dy) / this.height * m[column * 4 + 3];
    }
    return m;
  }

  drag(dx, dy) {
    const pitch = Math.min(1.55, Math.max(-1.55, this.at.pitch + dy * 0.008));
    this.at = { ...this.at, yaw: this.at.yaw + dx * 0.008, pitch };
    this.touched = true;
  }

  pan(dx, dy) {
    this.at = { ...this.at, dx: this.at.dx + dx, dy: this.at.dy - dy };
    this.touched = true;
  }

  zoomed(factor) {
    return { ...this.at, zoom: Math.min(Math.max(this.at.zoom * factor, 0.3), 30) };
  }

  mix(from, to, t) {
    const mixed = {};
    for (const name of Object.keys(to)) mixed[name] = mixNumber(from[name], to[name], t);
    return mixed;
  }

  standing() {
    const { yaw, pitch, zoom, dx, dy } = this.at;
    return [yaw, pitch, zoom, dx / this.width, dy / this.height];
  }

  stand(_, [yaw, pitch, zoom, right, up]) {
    this.at = { yaw, pitch, zoom: Math.min(Math.max(zoom, 0.3), 30), dx: right * this.width, dy: up * this.height };
  }

  get magnification() {
    return this.at.zoom;
  }

  get perspective() {
    return DISTANCE;
  }
}
