// The bar under the map that plays the training back: button, slider, caption. It only knows a time in frames; the view
// asks where it stands at each tick.

const FRAME_MS = 420;
const HOLD_MS = 1800; // on the last frame before an endless playback starts again

class Playback {
  constructor(onChange) {
    this.onChange = onChange;
    this.button = iconButton("play", "Play", () => this.toggle(), "round");
    this.slider = element("input", "slider", { type: "range", min: "0", step: "0.01", "aria-label": "Moment of the training" });
    this.slider.addEventListener("input", () => this.seek(Number(this.slider.value)));
    this.slider.addEventListener("change", () => this.seek(Math.round(this.time)));
    this.caption = element("span", "caption"); // the slider says it aloud
    this.leave = element("button", "link", { type: "button" });
    this.leave.addEventListener("click", () => this.stop());
    this.node = element("div", "playback", {}, this.button, this.slider, this.caption, this.leave);
    this.node.hidden = true;
    this.film = null;
    this.playing = false;
    this.active = false; // false: the map shows all members as they are now
    this.time = 0;
  }

  load(film, members) {
    this.node.hidden = !film;
    const first = !this.film && film;
    const last = this.film ? this.film.count - 1 : 0;
    const stayed = this.film && this.time >= last;
    this.film = film;
    if (!film) {
      this.playing = false;
      this.active = false;
      return;
    }
    this.slider.max = String(film.count - 1);
    if (first || stayed || this.time > film.count - 1) this.time = film.count - 1;
    this.leave.textContent = members > film.members ? `Show all ${numberText(members)}` : "Show result";
    if (first && film.autoplay && !reducedMotion()) {
      this.time = 0;
      this.start();
    }
    this.draw();
  }

  toggle() {
    if (this.playing) this.pause();
    else {
      if (this.time >= this.film.count - 1) this.time = 0;
      this.start();
    }
    this.draw();
    this.onChange();
  }

  start() {
    this.playing = true;
    this.active = true;
    this.last = null;
  }

  // A pause always ends on a whole frame: what is seen is then what was recorded.
  pause() {
    this.playing = false;
    this.time = Math.round(this.time);
  }

  seek(time) {
    this.playing = false;
    this.active = true;
    this.time = Math.min(Math.max(time, 0), this.film.count - 1);
    this.draw();
    this.onChange();
  }

  // A moment that is asked for; what is being played is left alone.
  show(frame) {
    if (this.film && !this.film.autoplay) this.seek(frame);
  }

  stop() {
    this.playing = false;
    this.active = false;
    this.time = this.film.count - 1;
    this.draw();
    this.onChange();
  }

  // Moves time on; true while it is running.
  tick(now) {
    if (!this.playing) return false;
    const passed = this.last === null ? 0 : now - this.last;
    this.last = now;
    this.time += passed / FRAME_MS;
    const end = this.film.count - 1;
    if (this.time >= end) {
      if (!this.film.autoplay) {
        this.playing = false;
        this.time = end;
      } else if (this.time > end + HOLD_MS / FRAME_MS) {
        this.time = 0;
      }
    }
    this.draw();
    return this.playing;
  }

  // The two frames between which the picture lies, and how far. With reduced motion, frames follow without gliding.
  get moment() {
    const time = Math.min(this.time, this.film.count - 1);
    const before = Math.floor(time);
    const t = time - before;
    if (reducedMotion()) return { before: Math.round(time), after: Math.round(time), t: 1 };
    // Rest on each recorded frame for a moment, then glide.
    const eased = t < 0.15 ? 0 : t > 0.85 ? 1 : (t - 0.15) / 0.7;
    return { before, after: Math.min(before + 1, this.film.count - 1), t: eased * eased * (3 - 2 * eased) };
  }

  draw() {
    const frame = Math.min(Math.round(this.time), this.film.count - 1);
    this.slider.value = String(Math.min(this.time, this.film.count - 1));
    const text = this.film.captions[frame] ?? `${frame + 1} of ${this.film.count}`;
    if (this.caption.textContent !== text) this.caption.textContent = text;
    this.slider.setAttribute("aria-valuetext", text);
    this.leave.hidden = !this.active || this.film.autoplay;
    const label = this.playing ? "Pause" : "Play";
    if (this.button.title !== label) {
      this.button.replaceChildren(icon(this.playing ? "pause" : "play"));
      this.button.title = label;
      this.button.setAttribute("aria-label", label);
    }
  }
}
