// The legend: a dot, a name, a count for every group; while something is selected, how many of it are in the group.
// A click brings a group forward, a click with Ctrl or Shift adds one, the same click again lets go.

const SEARCH_FROM = 13; // groups from which a search box helps

class Legend {
  constructor(onFocus) {
    this.onFocus = onFocus;
    this.node = element("aside", "legend", { "aria-label": "Groups" });
    this.scale = element("div", "scale");
    this.search = element("input", "search", { type: "search", placeholder: "Find a group", "aria-label": "Find a group" });
    this.search.addEventListener("input", () => this.filter());
    this.list = element("div", "entries", { role: "group", "aria-label": "Bring groups forward" });
    this.node.append(this.scale, this.search, this.list);
    this.entries = [];
    this.shown = "";
  }

  // `groups`: [{ id, name, color, count }]; `values`: the color scale or null. Entries are only rebuilt when they change.
  update(groups, values) {
    const sign = JSON.stringify([groups, values]);
    if (sign === this.shown) return;
    this.shown = sign;
    this.search.hidden = groups.length < SEARCH_FROM;
    const same = this.entries.length === groups.length;
    if (!same) {
      this.entries = groups.map((group) => this.entry(group.id));
      this.list.replaceChildren(...this.entries.map((entry) => entry.button));
    }
    groups.forEach((group, i) => {
      const { button, dot, name, count } = this.entries[i];
      this.entries[i].group = group;
      // Where the points show a number, the groups' colors would point at nothing.
      dot.hidden = Boolean(values);
      dot.style.setProperty("--dot", cssColor(group.color));
      dot.classList.toggle("hollow", group.id === -1);
      name.textContent = group.name;
      button.title = group.name;
      count.textContent = numberText(group.count);
    });
    this.drawScale(values);
    this.filter();
  }

  entry(id) {
    const dot = element("span", "dot");
    const name = element("span", "name");
    const count = element("span", "count");
    const button = element("button", "entry", { type: "button", "aria-pressed": "false" }, dot, name, count);
    const entry = { button, dot, name, count, group: { id } };
    button.addEventListener("click", (event) => {
      this.onFocus(entry.group.id, event.ctrlKey || event.metaKey || event.shiftKey);
    });
    return entry;
  }

  drawScale(values) {
    this.scale.hidden = !values;
    if (!values) return;
    const bar = element("div", "bar");
    bar.style.background = `linear-gradient(to right, ${values.colors.map(cssColor).join(", ")})`;
    const low = element("span", "", {}, `${values.below ? "\u2264 " : ""}${shortNumber(values.low)}`);
    const high = element("span", "", {}, `${values.above ? "\u2265 " : ""}${shortNumber(values.high)}`);
    this.scale.replaceChildren(
      element("div", "label", {}, values.label),
      bar,
      element("div", "ends", {}, low, high),
    );
  }

  // `selected`: counts of the selection by position in the legend, or null.
  mark(focus, selected) {
    for (const [i, { button, count, group }] of this.entries.entries()) {
      button.setAttribute("aria-pressed", focus.has(group.id) ? "true" : "false");
      button.classList.toggle("pale", focus.size > 0 && !focus.has(group.id));
      count.textContent = selected ? `${numberText(selected[i])} / ${numberText(group.count)}` : numberText(group.count);
      count.classList.toggle("of", Boolean(selected));
    }
  }

  filter() {
    const wanted = this.search.hidden ? "" : this.search.value.trim().toLowerCase();
    for (const { button, group } of this.entries) {
      button.hidden = wanted !== "" && !(group.name ?? "").toLowerCase().includes(wanted);
    }
  }
}
