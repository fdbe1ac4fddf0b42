// Finding points: the nearest one to the pointer, all inside a polygon. Works on the uint16 codes, without floats.

// A grid of cells with the points of each cell side by side (a counting sort), so that the nearest point is found by
// looking at a few cells only.
class Grid {
  constructor(codes, n) {
    this.codes = codes;
    this.side = Math.max(1, Math.min(512, Math.round(Math.sqrt(n / 3))));
    const cells = this.side * this.side;
    const cellOf = new Uint32Array(n);
    this.starts = new Uint32Array(cells + 2);
    for (let i = 0; i < n; i += 1) {
      const missing = codes[2 * i] === MISSING;
      cellOf[i] = missing ? cells : this.cell(codes[2 * i]) + this.side * this.cell(codes[2 * i + 1]);
      this.starts[cellOf[i] + 1] += 1;
    }
    for (let c = 1; c < this.starts.length; c += 1) this.starts[c] += this.starts[c - 1];
    const next = this.starts.slice();
    this.order = new Uint32Array(n);
    for (let i = 0; i < n; i += 1) {
      this.order[next[cellOf[i]]] = i;
      next[cellOf[i]] += 1;
    }
  }

  cell(code) {
    return Math.max(0, Math.min(this.side - 1, Math.floor((code * this.side) / MISSING)));
  }

  // The nearest accepted point to (x, y) within an ellipse of radii (rx, ry), all in codes; -1 where there is none.
  nearest(x, y, rx, ry, accept) {
    let best = -1;
    let least = 1;
    for (let row = this.cell(y - ry); row <= this.cell(y + ry); row += 1) {
      const first = this.starts[row * this.side + this.cell(x - rx)];
      const last = this.starts[row * this.side + this.cell(x + rx) + 1];
      for (let k = first; k < last; k += 1) {
        const i = this.order[k];
        const distance = ((this.codes[2 * i] - x) / rx) ** 2 + ((this.codes[2 * i + 1] - y) / ry) ** 2;
        if (distance < least && accept(i)) {
          least = distance;
          best = i;
        }
      }
    }
    return best;
  }
}

// Even-odd rule; `corners` is a flat list x0, y0, x1, y1, ...
function insidePolygon(x, y, corners) {
  let inside = false;
  const count = corners.length;
  for (let i = 0, j = count - 2; i < count; j = i, i += 2) {
    const above = corners[i + 1] > y !== corners[j + 1] > y;
    if (above && x < ((corners[j] - corners[i]) * (y - corners[i + 1])) / (corners[j + 1] - corners[i + 1]) + corners[i]) {
      inside = !inside;
    }
  }
  return inside;
}

// Calls `take(i)` for every point of the layer inside the polygon (corners in codes).
function pointsInside(layer, corners, take) {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < corners.length; i += 2) {
    left = Math.min(left, corners[i]);
    right = Math.max(right, corners[i]);
    low = Math.min(low, corners[i + 1]);
    high = Math.max(high, corners[i + 1]);
  }
  const { codes, n } = layer;
  for (let i = 0; i < n; i += 1) {
    const x = codes[2 * i];
    const y = codes[2 * i + 1];
    if (x === MISSING || x < left || x > right || y < low || y > high) continue;
    if (insidePolygon(x, y, corners)) take(i);
  }
}

// The nearest accepted point on the screen when only the projection is known (three dimensions, points in motion).
function nearestOnScreen(layer, matrix, width, height, x, y, radius, accept) {
  const { codes, n, dims } = layer;
  let best = -1;
  let least = radius * radius;
  let depth = Infinity;
  for (let i = 0; i < n; i += 1) {
    if (codes[dims * i] === MISSING) continue;
    const [px, py, w] = project(matrix, codes, dims, i, width, height);
    const distance = (px - x) ** 2 + (py - y) ** 2;
    // Of two points under the pointer the one in front is meant.
    if (distance < least && (distance > 16 || w < depth || best < 0) && accept(i)) {
      least = Math.max(distance, 16);
      depth = w;
      best = i;
    }
  }
  return best;
}

// Screen place of the i-th point: x, y in CSS pixels and the depth w.
function project(matrix, codes, dims, i, width, height) {
  const a = codes[dims * i] / MISSING;
  const b = codes[dims * i + 1] / MISSING;
  const c = dims === 3 ? codes[dims * i + 2] / MISSING : 0;
  const w = matrix[3] * a + matrix[7] * b + matrix[11] * c + matrix[15];
  const x = (matrix[0] * a + matrix[4] * b + matrix[8] * c + matrix[12]) / w;
  const y = (matrix[1] * a + matrix[5] * b + matrix[9] * c + matrix[13]) / w;
  return [(x * 0.5 + 0.5) * width, (0.5 - y * 0.5) * height, w];
}

// How many points lie on a square code where it is crowded: in a cell that 19 of 20 points share with no more others.
function crowding(codes, n) {
  const side = 64;
  const counts = new Float64Array(side * side);
  const step = Math.max(1, Math.floor(n / 200000));
  let seen = 0;
  for (let i = 0; i < n; i += step) {
    if (codes[2 * i] === MISSING) continue;
    counts[Math.floor((codes[2 * i] * side) / MISSING) + side * Math.floor((codes[2 * i + 1] * side) / (MISSING + 1))] += step;
    seen += step;
  }
  const full = counts.filter((count) => count > 0).sort();
  let [at, sum] = [full.length - 1, 0];
  for (; at > 0 && sum < 0.05 * seen; at -= 1) sum += full[at];
  return (full[Math.max(0, at)] ?? 0) / (MISSING / side) ** 2;
}

// How many points each group has, the last entry counting those without a group; `flags` narrows it to a selection.
function countGroups(labels, groups, flags) {
  const counts = new Uint32Array(groups + 1);
  for (let i = 0; i < labels.length; i += 1) {
    if (!flags || flags[i]) counts[labels[i] === MISSING ? groups : labels[i]] += 1;
  }
  return counts;
}
