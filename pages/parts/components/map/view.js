// One map on the page: the data from Python, what the user does with it, and the words around the picture.

// The names belong to other groups than before: the user colors by something else. One new name is a group renamed.
const repainted = (old, names) => old.length !== names.length || names.filter((name, i) => name !== old[i]).length > 1;

// What of Streamlit's theme the map uses, and what stands for it elsewhere.
const THEME = [
  ["--st-background-color", "#ffffff"],
  ["--st-text-color", "#222222"],
  ["--st-primary-color", "#3d5afe"],
];

class MapView extends Scene {
  constructor(root) {
    super();
    this.picks = new Picks();
    this.gaze = new Gaze(this);
    this.playback = new Playback(() => this.rewound());
    this.legend = new Legend((group, adding) => this.bringForward(group, adding));
    this.tooltip = new Tooltip();
    this.toolbar = new Toolbar(this);
    this.mode = "pan";
    this.glide = null;
    this.build(root);
    this.gestures = new Gestures(this.stage, this);
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(this.stage);
  }

  build(root) {
    const { canvas, overlay, toolbar, tooltip, legend, playback } = this;
    this.notice = element("div", "notice", { role: "note" });
    const what = { role: "application", tabindex: "0", "aria-describedby": "summary", "aria-roledescription": "map" };
    this.stage = element("div", "stage", what, canvas, overlay.node, toolbar.modes, toolbar.zooms, this.notice, tooltip.node);
    this.summary = element("p", "summary", { id: "summary", "aria-live": "polite" });
    const body = element("div", "body", {}, this.stage, legend.node);
    this.node = element("div", "map", {}, body, playback.node, this.summary);
    root.append(this.node);
  }

  // --- data --------------------------------------------------------------------------------------------------------

  // New data from Python, or the same again (any rerun, a change of theme).
  update({ header, parts }, send) {
    this.send = send;
    const before = this.header;
    this.header = header;
    if (this.known(header)) return;
    const [old, main, film] = [this.main, mainLayer(header, parts), filmOf(header, parts)];
    const alike = Boolean(old) && old.n === main.n && old.dims === main.dims && before.space === header.space;
    if (old && old.n !== main.n) this.picks.forget();
    if (before && repainted(before.names, header.names)) this.picks.focus = new Set();
    this.node.classList.toggle("filling", header.fill);
    this.node.style.height = header.fill ? `${header.height}px` : "";
    this.stage.style.height = header.fill ? "" : `${header.height}px`;
    this.stage.setAttribute("aria-label", header.title);
    this.tooltip.load(header, parts);
    if (!alike || old.digest !== main.digest) this.takeMain(main, alike ? old : null);
    if (film?.digest !== this.film?.digest) this.takeFilm(film);
    this.recolor();
    this.obey(header, parts);
    this.refresh();
    if (before || this.picks.any) this.picks.tell(header.n, send);
  }

  // Whether all of this is on the page already. A map of a million members is not drawn anew for every rerun of its page.
  known(header) {
    const style = getComputedStyle(this.stage);
    const told = JSON.stringify([header, THEME.map(([name]) => style.getPropertyValue(name))]);
    const same = this.told === told;
    this.told = told;
    return same;
  }

  // A focus, a selection or a member that Python asks for counts when it is new; after that the user has the last word.
  obey(header, parts) {
    const asked = { focus: String(header.focus), clicked: header.clicked, selected: digestOf(header, "selected") };
    const fresh = (name) => asked[name] !== this.asking?.[name];
    if (header.focus && fresh("focus")) this.picks.focus = new Set(header.focus);
    if (header.clicked !== null && fresh("clicked")) this.picks.clicked = header.clicked;
    if (parts.selected && fresh("selected")) this.picks.choose(maskFromBytes(parts.selected, header.n));
    this.asking = asked;
  }

  takeMain(main, old) {
    const moved = old && old.placeDigest !== main.placeDigest;
    this.before = moved && !reducedMotion() ? old : main;
    this.glide = this.before === main ? null : performance.now();
    this.main = main;
    if (!old || moved) this.grid = null;
    this.tooltip.hide();
    if (!old) {
      this.camera = main.dims === 3 ? new OrbitCamera() : new FlatCamera();
      this.flight = null;
      this.resized();
    } else if (moved) {
      const home = this.camera.fitted(main.bounds);
      if (this.camera.touched && !this.inView(main)) this.camera.touched = false;
      if (!this.camera.touched && !this.playback.active) this.fly(home, GLIDE_MS);
      this.camera.home = home;
    }
  }

  takeFilm(film) {
    this.film = film;
    this.frames = film ? Array.from({ length: film.count }, (_, frame) => frameLayer(film, frame)) : [];
    this.filmCamera ??= new FlatCamera();
    this.playback.load(film, this.header.n);
    this.resized();
  }

  // Colors of the groups come from Python, those of the surroundings from Streamlit's theme.
  recolor() {
    const style = getComputedStyle(this.stage);
    [this.background, this.text, this.accent] = THEME.map(([name, otherwise]) => {
      return parseColor(style.getPropertyValue(name) || otherwise);
    });
    const colors = this.header.colors.length ? this.header.colors : ["#3d5afe"];
    this.palette = this.header.names.map((_, i) => parseColor(colors[i % colors.length]));
    this.palette.push(parseColor(this.header.unassigned));
    this.ramp = this.header.values?.colors.map(parseColor);
    if (this.ramp) this.renderer.setRamp(this.ramp);
  }

  // --- what the user does ------------------------------------------------------------------------------------------

  may(mode) {
    return this.header.modes.includes(mode) && (mode === "points" || this.dims === 2);
  }

  // Nothing to pick: a picture to look at.
  get plain() {
    return this.header.modes.length === 0;
  }

  setMode(mode) {
    this.mode = mode;
    this.refresh();
  }

  toggleMode(mode) {
    if (this.may(mode)) this.setMode(this.mode === mode ? "pan" : mode);
  }

  bringForward(group, adding) {
    this.picks.toggleFocus(group, adding);
    this.picked();
  }

  outline(corners) {
    this.outlined = corners;
    this.requestOverlay();
  }

  select(corners, adding) {
    const { layer } = this;
    const codes = [];
    for (let i = 0; i < corners.length; i += 2) codes.push(...this.eye.toCode(layer.bounds, corners[i], corners[i + 1]));
    this.picks.select(layer, codes, this.header.n, adding);
    this.picked();
  }

  click(at, radius) {
    if (!this.may("points")) return;
    const point = this.pointAt(at, radius);
    // A click beside all points lets go: of the member first, then of the selection.
    if (point < 0 && this.picks.clicked === null) this.picks.chosen = null;
    this.picks.clicked = point < 0 ? null : memberOf(this.layer, point);
    this.picked();
  }

  // What is seen, as a file; a crowd that is too large for a drawing is said in the notice.
  async save(kind) {
    const blob = kind === "svg" ? mapAsDrawing(this) : await mapAsPixels(this);
    const name = this.header.title.toLowerCase().replaceAll(",", "").replace(/[^a-z0-9]+/g, "-");
    if (blob) saveFile(blob, `${name}.${kind}`);
    else this.say(this.notice, `More than ${numberText(MOST_DRAWN)} members are in view: zoom in, or save a picture (PNG).`);
  }

  // The names below a saved map; where a number colors the dots, the colors of the groups would point at nothing.
  saved() {
    return this.header.legend && !this.ramped ? this.entries(null) : [];
  }

  clear() {
    if (this.mode !== "pan" && !this.picks.any) this.mode = "pan";
    this.picks.clear();
    this.picked();
  }

  picked() {
    this.hurry();
    this.refresh();
    this.picks.tell(this.header.n, this.send);
  }

  hover(at) {
    this.pointer = at;
    if (!at && this.hovered < 0) return;
    this.requestOverlay();
    if (!at) this.lookUnder(null);
  }

  lookUnder(at) {
    const { layer } = this;
    this.hovered = at ? this.pointAt(at, 10) : -1;
    if (this.hovered < 0) {
      this.tooltip.hide();
      return;
    }
    const group = layer.labels[this.hovered];
    const id = group === MISSING ? this.header.names.length : group;
    const facts = {
      name: group === MISSING ? "Unassigned" : this.header.names[group],
      color: this.palette[id],
      hollow: group === MISSING,
      value: this.ramped ? this.valueText(layer.values[this.hovered]) : "",
    };
    const { clientWidth, clientHeight } = this.stage;
    this.tooltip.show(memberOf(layer, this.hovered), facts, at, clientWidth, clientHeight);
  }

  valueText(code) {
    const { low, high, label } = this.header.values;
    return code === MISSING ? `${label}: none` : `${label}: ${shortNumber(low + ((high - low) * code) / (MISSING - 1))}`;
  }

  rewound() {
    this.refresh();
    this.gaze.stir();
  }

  played(playing) {
    const frame = Math.round(this.playback.time);
    if (playing && frame === this.shownFrame) return;
    this.shownFrame = frame;
    this.rewound();
  }

  // --- words -------------------------------------------------------------------------------------------------------

  refresh() {
    if (!this.main) return;
    const { header, picks, layer } = this;
    if (!this.may(this.mode)) this.mode = "pan";
    const flags = picks.flags(layer);
    const entries = this.entries(flags);
    this.legend.node.hidden = !header.legend;
    const values = this.ramped ? { ...header.values, colors: this.ramp } : null;
    this.legend.update(entries, values);
    this.legend.mark(picks.focus, flags ? entries.map((entry) => entry.selected) : null);
    this.toolbar.update(this);
    this.renderer.setPalette(this.palette, [...header.names.keys(), MISSING].map((label) => picks.lit(label)));
    this.say(this.notice, this.noticeText());
    this.say(this.summary, this.summaryText());
    this.stage.dataset.mode = this.plain ? "plain" : this.mode;
    // One finger scrolls the page as long as there is nothing to pan.
    this.stage.style.touchAction = this.mode === "pan" && !this.eye.touched && this.dims === 2 ? "pan-y" : "none";
    this.request();
  }

  say(node, text) {
    if (node.textContent !== text) node.textContent = text;
    node.hidden = text === "";
  }

  // One entry a group; those that only an earlier frame knew are left out when they are empty.
  entries(flags) {
    const { names, named } = this.header;
    const counts = countGroups(this.layer.labels, names.length, null);
    const selected = flags ? countGroups(this.layer.labels, names.length, flags) : counts;
    const entry = (id, name, place) => ({ id, name, color: this.palette[place], count: counts[place], selected: selected[place] });
    const all = names.map((name, place) => entry(place, name, place));
    all.push(entry(-1, "Unassigned", names.length));
    return all.filter(({ id, count }) => count > 0 || (id >= 0 && id < named));
  }

  noticeText() {
    const { limit } = this.renderer;
    if (this.layer.n <= limit) return "";
    return `No WebGL here: ${numberText(limit)} of ${numberText(this.layer.n)} members are drawn.`;
  }

  summaryText() {
    const { header, picks, layer } = this;
    if (picks.chosen) return `${numberText(picks.size)} of ${numberText(header.n)} members selected.`;
    const some = this.playback.active && layer.n < header.n;
    const members = `${some ? "A sample of " : ""}${numberText(layer.n)} ${layer.n === 1 ? "member" : "members"}`;
    const counts = countGroups(layer.labels, header.names.length, null);
    const outside = counts[header.names.length];
    const within = outside ? `, ${numberText(layer.n - outside)} of them` : "";
    const filled = counts.subarray(0, -1).filter((count) => count > 0).length;
    const groups = `in ${numberText(filled)} ${filled === 1 ? "group" : "groups"}`;
    const where = header.named ? `${members}${within} ${groups}` : `${members}, not grouped yet`;
    if (!picks.focus.size) return this.dims === 3 ? `${where}. Drag to turn, Shift and drag to move.` : `${where}.`;
    const lit = this.entries(null).filter(({ id }) => picks.focus.has(id));
    const what = lit.length === 1 ? lit[0].name : `${numberText(lit.length)} groups`;
    const count = lit.reduce((sum, entry) => sum + entry.count, 0);
    return `${what}: ${numberText(count)} of ${members}.`;
  }

  dispose() {
    super.dispose();
    this.observer.disconnect();
    this.tooltip.dispose();
  }
}
