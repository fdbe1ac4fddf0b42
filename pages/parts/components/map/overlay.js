// Above the dots: the outline being drawn, a ring around the hovered and the clicked member.

class Overlay {
  constructor() {
    this.node = element("canvas", "overlay");
    this.context = this.node.getContext("2d");
  }

  resize(width, height, ratio) {
    this.node.width = Math.max(1, Math.round(width * ratio));
    this.node.height = Math.max(1, Math.round(height * ratio));
    Object.assign(this, { width, height, ratio });
  }

  draw({ outline, rings, accent, text, background }) {
    const { context } = this;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    for (const { place: [x, y], radius, strong } of rings) {
      // A light ring outside a dark one is seen on any color.
      for (const [extra, width, color] of [[3, 3.5, background], [2, strong ? 2.2 : 1.4, strong ? accent : text]]) {
        context.beginPath();
        context.arc(x, y, radius + extra, 0, 2 * Math.PI);
        context.lineWidth = width;
        context.strokeStyle = cssColor(color);
        context.stroke();
      }
    }
    if (outline) this.drawOutline(outline, accent);
  }

  drawOutline(corners, accent) {
    const { context } = this;
    context.beginPath();
    for (let i = 0; i < corners.length; i += 2) context.lineTo(corners[i], corners[i + 1]);
    context.closePath();
    context.fillStyle = `rgba(${accent.join(",")},0.10)`;
    context.fill();
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.strokeStyle = cssColor(accent);
    context.stroke();
    context.setLineDash([]);
  }
}
