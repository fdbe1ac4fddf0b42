// Reads what payload.py wrote: uint32 length, JSON header, then arrays that each begin at a multiple of four bytes.

const MISSING = 65535; // no place, no value, no group

function readPayload(bytes) {
  // The bytes are a window into a network message: copying lets that message go and aligns the arrays.
  const whole = bytes.slice();
  const length = new DataView(whole.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(whole.subarray(4, 4 + length)));
  const start = 4 + length;
  const parts = {};
  for (const [name, [offset, size]] of Object.entries(header.parts)) {
    parts[name] = whole.subarray(start + offset, start + offset + size);
  }
  return { header, parts };
}

const asUint16 = (part) => new Uint16Array(part.buffer, part.byteOffset, part.byteLength >> 1);
const asUint32 = (part) => new Uint32Array(part.buffer, part.byteOffset, part.byteLength >> 2);

// The header says nothing about arrays but where they are; their digests make one name for all that they hold.
const digestOf = (header, ...names) => names.map((name) => (header.parts[name] ?? ["", "", "-"])[2]).join("/");

// A layer is a set of points that is drawn and picked as one: all members, or the sample that playback moves.
function mainLayer(header, parts) {
  return {
    n: header.n,
    dims: header.dims,
    codes: asUint16(parts.positions),
    bounds: header.bounds,
    labels: asUint16(parts.labels),
    values: parts.values ? asUint16(parts.values) : null,
    members: null, // null: the i-th point is the i-th member
    digest: digestOf(header, "positions", "labels", "values"),
    placeDigest: digestOf(header, "positions"),
  };
}

// All frames of a playback; `frameLayer` cuts the layer of one frame out of it without copying.
function filmOf(header, parts) {
  if (!header.frames) return null;
  return {
    ...header.frames,
    codes: asUint16(parts.framePositions),
    labels: asUint16(parts.frameLabels),
    sample: parts.frameMembers ? asUint32(parts.frameMembers) : null,
    digest: digestOf(header, "framePositions", "frameLabels", "frameMembers"),
  };
}

function frameLayer(film, frame) {
  const m = film.members;
  return {
    n: m,
    dims: 2,
    codes: film.codes.subarray(frame * m * 2, (frame + 1) * m * 2),
    bounds: film.bounds[frame],
    labels: film.labels.subarray(frame * m, (frame + 1) * m),
    values: null,
    members: film.sample,
    digest: `${film.digest}/${frame}`,
    placeDigest: `${film.digest}/${frame}`,
  };
}

// The member behind a point, and the flag of a point from the flags of all members.
const memberOf = (layer, point) => (layer.members ? layer.members[point] : point);

function flagsOf(layer, chosen) {
  if (!layer.members) return chosen;
  const flags = new Uint8Array(layer.n);
  for (let i = 0; i < layer.n; i += 1) flags[i] = chosen[layer.members[i]];
  return flags;
}

function maskFromBytes(packed, n) {
  return Uint8Array.from({ length: n }, (_, i) => (packed[i >> 3] >> (i & 7)) & 1);
}

// One bit a member, lowest bit first (NumPy's bitorder="little"): a million members are 167 KB of base64.
function maskToBase64(chosen) {
  const packed = new Uint8Array((chosen.length + 7) >> 3);
  for (let i = 0; i < chosen.length; i += 1) if (chosen[i]) packed[i >> 3] |= 1 << (i & 7);
  let text = "";
  // fromCharCode takes its bytes as arguments, and a browser allows only so many of them.
  for (let i = 0; i < packed.length; i += 32768) text += String.fromCharCode(...packed.subarray(i, i + 32768));
  return btoa(text);
}
