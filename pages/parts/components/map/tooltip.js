// What appears beside the pointer: the member's thumbnail or words, its group, its value. User data enters as text only.

const THUMB = 88; // the longer side of a thumbnail on the screen, in CSS pixels

class Tooltip {
  constructor() {
    this.picture = element("canvas", "thumb");
    this.photo = element("img", "photo", { alt: "" });
    this.photo.addEventListener("load", () => this.photoLoaded());
    this.line = element("div", "line");
    this.dot = element("span", "dot");
    this.group = element("span", "name");
    this.value = element("div", "value");
    this.more = element("div", "more");
    this.lookup = new Lookup((member, answer) => this.answered(member, answer));
    const head = element("div", "head", {}, this.dot, this.group);
    this.node = element("div", "tip", { "aria-hidden": "true" }, this.picture, this.photo, element("div", "", {}, head, this.line, this.more, this.value));
    this.node.hidden = true;
    this.known = {};
  }

  // Takes over thumbnails and lines when they are others than before.
  load(header, parts) {
    const [atlas, lines] = [digestOf(header, "atlas"), digestOf(header, "lines")];
    if (lines !== this.known.lines) {
      this.lines = parts.lines ? JSON.parse(new TextDecoder().decode(parts.lines)) : null;
    }
    if (atlas !== this.known.atlas) {
      this.image?.close();
      this.image = null;
      if (parts.atlas) this.decode(parts.atlas, atlas);
    }
    this.lookup.load(header.lookup ?? null);
    this.tile = header.atlas ?? null;
    this.numbered = header.modes.length > 0; // in a mere picture a number would lead nowhere
    this.known = { atlas, lines };
  }

  async decode(png, digest) {
    const image = await createImageBitmap(new Blob([png], { type: "image/png" })).catch(() => null);
    if (digest === this.known.atlas) this.image = image;
    else image?.close();
  }

  show(member, facts, at, width, height) {
    if (member !== this.member) this.fill(member, facts);
    this.member = member;
    this.node.hidden = false;
    this.spot = [at, width, height];
    this.place();
  }

  place() {
    const [[x, y], width, height] = this.spot;
    const [w, h] = [this.node.offsetWidth, this.node.offsetHeight];
    const left = x + 16 + w > width ? x - 16 - w : x + 16;
    const top = y + 12 + h > height ? y - 12 - h : y + 12;
    this.node.style.transform = `translate(${Math.max(2, Math.min(left, width - w - 2))}px, ${Math.max(2, top)}px)`;
  }

  fill(member, { name, color, hollow, value }) {
    this.dot.style.setProperty("--dot", cssColor(color));
    this.dot.classList.toggle("hollow", hollow);
    this.group.textContent = name;
    this.line.textContent = this.lines?.[member] ?? (this.numbered ? `Member ${numberText(member + 1)}` : "");
    this.value.textContent = value ?? "";
    this.tell(this.lookup.find(member));
    this.drawThumb(member);
  }

  // The words of the server, once they are known.
  tell(answer) {
    if (answer) this.line.textContent = answer.title;
    this.photo.hidden = !answer?.picture;
    if (answer?.picture) this.photo.src = answer.picture;
    this.more.replaceChildren(...(answer?.lines ?? []).map((line) => element("div", "", {}, line)));
  }

  answered(member, answer) {
    if (member !== this.member) return;
    this.tell(answer);
    this.place();
  }

  // Its size is known only now.
  photoLoaded() {
    this.photo.classList.toggle("coarse", 2 * Math.max(this.photo.naturalWidth, this.photo.naturalHeight) < THUMB);
    if (!this.node.hidden) this.place();
  }

  drawThumb(member) {
    this.picture.hidden = !(this.image && this.tile);
    if (this.picture.hidden) return;
    const { width, height, columns } = this.tile;
    const factor = THUMB / Math.max(width, height);
    this.picture.width = width;
    this.picture.height = height;
    this.picture.style.width = `${width * factor}px`;
    this.picture.style.height = `${height * factor}px`;
    // Small pictures (digits of 8 x 8 pixels) are clearer with their pixels left visible.
    this.picture.classList.toggle("coarse", factor > 2);
    const [left, top] = [(member % columns) * width, Math.floor(member / columns) * height];
    this.picture.getContext("2d").drawImage(this.image, left, top, width, height, 0, 0, width, height);
  }

  hide() {
    this.lookup.stop();
    this.node.hidden = true;
    this.member = null;
  }

  dispose() {
    this.lookup.stop();
    this.image?.close();
  }
}
