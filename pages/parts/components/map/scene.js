// The picture of a map: camera, motion and drawing. Nothing here knows of Python or of the legend.

const GLIDE_MS = 200; // new data, zoom by button
const SOLID = 0.92;
const FEW = 4000; // dots up to which each is solid: single ones matter then
const SLOW = 50; // milliseconds between two drawings in a row from which fewer dots are drawn
const ANSWER_MS = 600; // what the server may take to say what was selected
const QUICK = 50000; // dots per frame while the view moves on a machine that cannot draw them all in time

// Primes, or every fourth dot could be a group of its own where members come in turns; WebGL ends at 255 bytes a stride.
const STRIDES = [1, 3, 5, 7, 11, 17, 29, 41];

class Scene {
  constructor() {
    this.overlay = new Overlay();
    this.canvas = element("canvas", "points");
    this.renderer = this.chooseRenderer();
    this.frameMs = 16;
    this.movingUntil = 0;
    this.thin = 1;
    this.outlined = null;
    this.hovered = -1;
  }

  chooseRenderer() {
    try {
      const renderer = new WebGLRenderer(this.canvas);
      this.canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
      this.canvas.addEventListener("webglcontextrestored", () => {
        renderer.build();
        this.recolor();
        this.refresh();
      });
      return renderer;
    } catch {
      // A canvas that was asked for WebGL may never give a 2-D context.
      this.canvas = element("canvas", "points");
      return new CanvasRenderer(this.canvas);
    }
  }

  // Playback has a camera of its own: its positions need not share the space of the map.
  get eye() {
    return this.playback.active ? this.filmCamera : this.camera;
  }

  get dims() {
    return this.playback.active ? 2 : this.main.dims;
  }

  // The layer that lies still or is being approached: the one that is picked from.
  get layer() {
    if (!this.playback.active) return this.main;
    const { before, after, t } = this.playback.moment;
    return this.frames[t < 0.5 ? before : after];
  }

  get ramped() {
    return Boolean(this.header.values) && !this.playback.active;
  }

  resized() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!this.main || !width || !height) return;
    this.ratio = window.devicePixelRatio || 1;
    this.renderer.resize(width, height, this.ratio);
    this.overlay.resize(width, height, this.ratio);
    for (const [camera, bounds] of [[this.camera, this.main.bounds], [this.filmCamera, this.frames?.[0]?.bounds]]) {
      if (!camera || !bounds) continue;
      // What the user looks at stays in view, as large a part of it as before.
      const stood = camera.touched && camera.width > 1 ? camera.standing(bounds) : null;
      Object.assign(camera, { width, height });
      camera.home = camera.fitted(bounds);
      if (stood) camera.stand(bounds, stood);
      else if (!camera.touched) camera.at = camera.home;
    }
    this.gaze.settle();
    this.request();
  }

  // --- moving the camera -------------------------------------------------------------------------------------------

  pan(dx, dy) {
    this.flight = null;
    this.eye.pan(dx, dy);
    this.moving();
  }

  turn(dx, dy) {
    this.flight = null;
    this.eye.drag(dx, dy);
    this.moving();
  }

  zoomNow(factor, [x, y]) {
    this.flight = null;
    this.eye.at = this.eye.zoomed(factor, x, y);
    this.eye.touched = true;
    this.moving();
  }

  zoom(factor) {
    this.eye.touched = true;
    this.fly(this.eye.zoomed(factor), 160);
    this.refresh();
  }

  fit() {
    this.eye.touched = false;
    this.fly(this.eye.fitted(this.layer.bounds), GLIDE_MS);
    this.refresh();
  }

  fly(to, duration) {
    if (reducedMotion()) this.eye.at = to;
    else this.flight = { eye: this.eye, from: this.eye.at, to, start: performance.now(), duration };
    this.gaze.stir();
    this.request();
  }

  moving() {
    this.movingUntil = performance.now() + 160;
    this.gaze.stir();
    this.request();
  }

  // Many dots change at once: where drawing them takes its time, fewer are drawn first, so that the answer comes before it.
  hurry() {
    if (this.frameMs < SLOW) return;
    this.movingUntil = performance.now() + ANSWER_MS;
    this.settled(ANSWER_MS);
  }

  // The end of a drag: what was drawn with fewer dots is drawn in full.
  settled(delay = 200) {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.refresh(), delay);
  }

  // --- drawing -----------------------------------------------------------------------------------------------------

  // Draws everything anew; `requestOverlay` leaves the dots alone, which counts when there are a million of them.
  request() {
    this.stale = true;
    this.requestOverlay();
  }

  requestOverlay() {
    if (!this.asked && !this.disposed) this.asked = requestAnimationFrame((now) => this.frame(now));
  }

  frame(now) {
    this.asked = null;
    if (!this.main || !this.stage.clientWidth) return;
    if (this.ratio !== window.devicePixelRatio) this.resized();
    const playing = this.playback.tick(now);
    const gliding = this.advance(now);
    if (this.playback.active) this.follow();
    if (this.stale) this.drawDots(now);
    if (this.pointer) this.lookUnder(this.pointer);
    const { outlined: outline, accent, text, background } = this;
    this.overlay.draw({ outline, rings: this.rings(), accent, text, background });
    if (playing || this.wasPlaying) this.played(playing);
    this.wasPlaying = playing;
    if (playing || gliding) this.request();
  }

  drawDots(now) {
    // Drawing is done elsewhere and takes its time; how long shows in the gap between two frames in a row.
    const gap = now - (this.lastDrawn ?? 0);
    this.lastDrawn = now;
    if (gap < 1000) this.frameMs = this.frameMs * 0.6 + gap * 0.4;
    this.stale = false;
    this.renderer.draw(this.scene(now));
  }

  // Steps of flights and glides; true while any is under way.
  advance(now) {
    if (this.flight) {
      const { eye, from, to, start, duration } = this.flight;
      const t = Math.min(1, Math.max(0, (now - start) / duration));
      eye.at = eye.mix(from, to, 1 - (1 - t) ** 3);
      if (t === 1) this.flight = null;
    }
    if (this.glide !== null && now - this.glide >= GLIDE_MS) {
      this.glide = null;
      this.before = this.main;
    }
    return Boolean(this.flight) || this.glide !== null;
  }

  // Until the user moves it, the camera of a playback keeps the whole cloud in view: latent spaces grow and shrink.
  follow() {
    if (this.filmCamera.touched) return;
    const { before, after, t } = this.playback.moment;
    const [from, to] = [before, after].map((frame) => this.filmCamera.fitted(this.frames[frame].bounds));
    this.filmCamera.at = this.filmCamera.mix(from, to, t);
    this.filmCamera.home = this.filmCamera.at;
  }

  scene(now) {
    const { layer, eye } = this;
    let [before, target, mix] = [this.before, this.main, 1];
    if (this.playback.active) {
      const moment = this.playback.moment;
      [before, target, mix] = [this.frames[moment.before], this.frames[moment.after], moment.t];
    } else if (this.glide !== null) {
      const t = Math.min(1, Math.max(0, (now - this.glide) / GLIDE_MS));
      mix = t * t * (3 - 2 * t);
    }
    this.from = eye.matrix(before.bounds);
    this.to = eye.matrix(target.bounds);
    const flags = this.picks.flags(layer);
    this.thin = this.thinned(now);
    return {
      layer: target,
      before,
      labels: layer.labels,
      mix,
      from: this.from,
      to: this.to,
      flags,
      ramped: this.ramped,
      dimming: Boolean(flags) || this.picks.focus.size > 0,
      groups: this.header.names.length,
      perspective: eye.perspective,
      background: this.background,
      size: this.dotSize(),
      opacity: this.opacity(),
      dimmed: layer.n > 50000 ? 0.06 : 0.16,
      every: this.thin,
    };
  }

  // Every how many-th dot is drawn: all at rest, fewer while the view moves as long as the machine cannot keep up.
  thinned(now) {
    const { n } = this.layer;
    if (now > this.movingUntil || n < QUICK) return 1;
    if (this.frameMs < SLOW) return this.thin;
    const wanted = Math.min(Math.ceil(n / 30000), Math.max(Math.ceil(n / QUICK), this.thin * 1.6));
    return STRIDES.find((stride) => stride >= wanted) ?? STRIDES.at(-1);
  }

  // Dots as large as the crowd allows; zooming in makes room for larger ones.
  dotSize() {
    const area = this.stage.clientWidth * this.stage.clientHeight;
    const base = Math.min(8.5, Math.max(1.4, 0.6 * Math.sqrt(area / Math.max(1, this.layer.n))));
    return Math.min(Math.max(base, 13), base * Math.max(1, this.eye.magnification) ** 0.42);
  }

  // So transparent that the crowd shows as density: where it is densest, all dots of a place together are nearly solid.
  opacity() {
    const { layer } = this;
    if (layer.dims === 3) {
      const crowd = Math.log10(Math.max(1, layer.n / 4000 / Math.max(1, this.eye.magnification)));
      return Math.max(0.35, 0.92 - 0.2 * crowd);
    }
    layer.crowd ??= crowding(layer.codes, layer.n);
    const drawn = Math.min(layer.n, this.renderer.limit ?? layer.n);
    const [rx, ry] = this.eye.radiusInCodes(layer.bounds, this.dotSize() / 2);
    const above = (layer.crowd * Math.PI * rx * ry * drawn) / layer.n;
    // A dot that stands alone must still be seen, the better the fewer there are.
    const faintest = SOLID * Math.min(1, (FEW * Math.max(1, this.eye.magnification)) / drawn) ** 0.45;
    return Math.min(SOLID, Math.max(faintest, 1 - (1 - SOLID) ** (1 / Math.max(above, 1))));
  }

  // --- finding points ----------------------------------------------------------------------------------------------

  // The point under a place on the stage, or -1.
  pointAt([x, y], radius) {
    const { layer } = this;
    const accept = (i) => this.picks.lit(layer.labels[i]);
    const still = !this.playback.active && this.glide === null;
    if (layer.dims === 2 && still) {
      this.grid ??= new Grid(layer.codes, layer.n);
      const [cx, cy] = this.camera.toCode(layer.bounds, x, y);
      const [rx, ry] = this.camera.radiusInCodes(layer.bounds, radius);
      return this.grid.nearest(cx, cy, rx, ry, accept);
    }
    const matrix = this.eye.matrix(layer.bounds);
    return nearestOnScreen(layer, matrix, this.stage.clientWidth, this.stage.clientHeight, x, y, radius, accept);
  }

  // Whether the camera sees any point; a thousand of them tell.
  inView(layer) {
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    const matrix = this.camera.matrix(layer.bounds);
    for (let i = 0; i < layer.n; i += Math.ceil(layer.n / 1000)) {
      const [x, y] = project(matrix, layer.codes, layer.dims, i, width, height);
      if (layer.codes[layer.dims * i] !== MISSING && x > 0 && x < width && y > 0 && y < height) return true;
    }
    return false;
  }

  rings() {
    const rings = [];
    const { layer } = this;
    const add = (point, strong) => {
      if (point < 0 || point >= layer.n || layer.codes[layer.dims * point] === MISSING) return;
      const [x, y, w] = this.placeOf(point);
      const scale = this.eye.perspective ? this.eye.perspective / w : 1;
      rings.push({ place: [x, y], radius: (this.dotSize() * scale) / 2, strong });
    };
    if (this.picks.clicked !== null) {
      const { members } = layer;
      add(members ? members.indexOf(this.picks.clicked) : this.picks.clicked, true);
    }
    if (this.hovered >= 0) add(this.hovered, false);
    return rings;
  }

  placeOf(point) {
    const { layer } = this;
    const matrix = this.eye.matrix(layer.bounds);
    return project(matrix, layer.codes, layer.dims, point, this.stage.clientWidth, this.stage.clientHeight);
  }

  dispose() {
    this.disposed = true;
    cancelAnimationFrame(this.asked);
    clearTimeout(this.settling);
    this.gaze.dispose();
    this.renderer.dispose();
  }
}
