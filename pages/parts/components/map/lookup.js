// What a route of the server says of one member: {title, lines, picture}. It is asked when the pointer rests on the member, once.

const ASK_MS = 120; // a pointer on its way asks for nothing
const MOST_ANSWERS = 500;

class Lookup {
  constructor(answered) {
    this.answered = answered;
    this.answers = new Map();
    this.url = null;
  }

  load(url) {
    if (url === this.url) return;
    this.stop();
    this.url = url;
    this.answers.clear();
  }

  // What is known of a member; otherwise null, and `answered` is called once the server has said it.
  find(member) {
    this.stop();
    const known = this.answers.get(member) ?? null;
    if (this.url && !known) this.timer = setTimeout(() => this.ask(member), ASK_MS);
    return known;
  }

  async ask(member) {
    this.control = new AbortController();
    const { signal } = this.control;
    const answer = await fetch(`${this.url}&member=${member}`, { signal })
      .then((response) => (response.ok ? response.json() : null))
      .catch(() => null); // the pointer has left, or the server is away: the member's number stays
    if (!answer || signal.aborted) return;
    this.answers.set(member, answer);
    if (this.answers.size > MOST_ANSWERS) this.answers.delete(this.answers.keys().next().value);
    this.answered(member, answer);
  }

  stop() {
    clearTimeout(this.timer);
    this.control?.abort();
  }
}
