// The door to Streamlit. It calls the default export again for every new message and every change of theme, with the same
// `parentElement`; so the map lives beside that element and is only told what is new.

const MAPS = new WeakMap();
// What a map that left the page knew, by key. Streamlit rebuilds elements when the page above them changes its shape.
const REMEMBERED = new Map();
const MOST_REMEMBERED = 8;
const REBUILT_MS = 1500;

export default function show({ parentElement, data, setStateValue }) {
  if (!data) return undefined;
  const message = readPayload(data);
  let map = MAPS.get(parentElement);
  const fresh = !map;
  if (fresh) {
    map = new MapView(parentElement);
    MAPS.set(parentElement, map);
  }
  map.update(message, setStateValue);
  if (fresh) {
    recall(map);
    map.gaze.begin(map.header);
  }
  // This is also called for a call that a quicker one overtook, while the map is still in use.
  return () => setTimeout(() => leave(parentElement), 0);
}

function leave(parentElement) {
  const map = MAPS.get(parentElement);
  if (!map || parentElement.isConnected) return;
  const { key, n } = map.header;
  const { picks, camera, mode } = map;
  REMEMBERED.delete(key); // so that it counts as the newest
  REMEMBERED.set(key, { n, picks, at: camera.at, touched: camera.touched, dims: map.main.dims, mode, when: Date.now() });
  if (REMEMBERED.size > MOST_REMEMBERED) REMEMBERED.delete(REMEMBERED.keys().next().value);
  MAPS.delete(parentElement);
  map.dispose();
}

function recall(map) {
  const known = REMEMBERED.get(map.header.key);
  if (!known || known.n !== map.header.n || known.dims !== map.main.dims) return;
  if (known.touched) Object.assign(map.camera, { at: known.at, touched: true });
  // After a visit to another page Python has forgotten the picks; after a mere rebuild it still holds them.
  if (Date.now() - known.when < REBUILT_MS) Object.assign(map, { picks: known.picks, mode: known.mode });
  map.refresh();
}
