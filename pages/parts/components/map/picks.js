// What the user has picked: groups brought forward (focus), members selected by box or lasso, the member clicked.

class Picks {
  constructor() {
    this.focus = new Set(); // group numbers, -1 for "unassigned"
    this.chosen = null; // one byte a member, or null; never changed in place, so that identity tells of a change
    this.clicked = null;
    this.sent = this.message(0); // what Python knows
  }

  lit(label) {
    return this.focus.size === 0 || this.focus.has(label === MISSING ? -1 : label);
  }

  get any() {
    return this.chosen !== null || this.clicked !== null || this.focus.size > 0;
  }

  toggleFocus(group, adding) {
    const held = this.focus.has(group);
    if (adding) held ? this.focus.delete(group) : this.focus.add(group);
    else this.focus = new Set(held && this.focus.size === 1 ? [] : [group]);
  }

  // Selects the points of `layer` inside the outline; what the focus has dimmed is not meant.
  select(layer, corners, n, adding) {
    const chosen = adding && this.chosen ? this.chosen.slice() : new Uint8Array(n);
    pointsInside(layer, corners, (i) => {
      if (this.lit(layer.labels[i])) chosen[memberOf(layer, i)] = 1;
    });
    this.choose(chosen);
  }

  choose(chosen) {
    this.chosen = chosen.includes(1) ? chosen : null;
  }

  clear() {
    this.focus = new Set();
    this.chosen = null;
    this.clicked = null;
  }

  // Selection and click are numbers of members: they mean nothing in data of another length.
  forget() {
    this.chosen = null;
    this.clicked = null;
  }

  flags(layer) {
    if (!this.chosen) return null;
    if (this.flagged?.chosen !== this.chosen || this.flagged.members !== layer.members) {
      this.flagged = { chosen: this.chosen, members: layer.members, flags: flagsOf(layer, this.chosen) };
    }
    return this.flagged.flags;
  }

  get size() {
    let size = 0;
    for (const flag of this.chosen ?? []) size += flag;
    return size;
  }

  message(n) {
    const mask = this.chosen ? maskToBase64(this.chosen) : "";
    return { n, mask, clicked: this.clicked, focus: [...this.focus].sort((a, b) => a - b) };
  }

  // Tells Python, unless it knows.
  tell(n, send) {
    const message = this.message(n);
    const same = ["mask", "clicked"].every((name) => message[name] === this.sent[name]);
    if (same && String(message.focus) === String(this.sent.focus)) return;
    this.sent = message;
    send("picked", message);
  }
}
