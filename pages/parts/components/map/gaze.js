// Where the user looks: the camera, in shares of the data, and the moment of the playback. Python is told once the view has
// come to rest, and may ask for a view when the map is first drawn; a link can so show what its sender saw.

const REST_MS = 500;

class Gaze {
  constructor(view) {
    this.view = view;
    this.wanted = null; // a camera that waits for the stage to have a size
    this.sent = null;
  }

  // What Python asks for counts once, when the map is made; after that the user has the last word.
  begin({ gaze }) {
    if (!gaze) return;
    this.wanted = gaze.camera;
    if (gaze.frame !== null) this.view.playback.show(gaze.frame);
    this.sent = this.message();
    this.settle();
  }

  settle() {
    const { camera, main } = this.view;
    if (!this.wanted || camera.width < 2) return;
    camera.stand(main.bounds, this.wanted);
    camera.touched = true;
    this.wanted = null;
    this.sent = this.message();
    this.view.refresh();
  }

  stir() {
    clearTimeout(this.waiting);
    if (this.view.header?.gaze) this.waiting = setTimeout(() => this.tell(), REST_MS);
  }

  message() {
    const { header, camera, main, playback } = this.view;
    const round = (value) => Math.round(value * 1e4) / 1e4;
    const seen = camera.touched ? camera.standing(main.bounds).map(round) : null;
    return { space: header.gaze.space, camera: seen, frame: playback.active ? Math.round(playback.time) : null };
  }

  tell() {
    if (this.view.disposed || this.view.playback.playing || this.view.flight) return this.stir();
    const message = this.message();
    if (JSON.stringify(message) === JSON.stringify(this.sent)) return undefined;
    this.sent = message;
    return this.view.send("seen", message);
  }

  dispose() {
    clearTimeout(this.waiting);
  }
}
