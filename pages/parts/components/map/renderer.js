// WebGL2: every member is one gl.POINT, a round dot with a smooth edge. Positions, labels, values and the selection are
// attributes of two bytes or one; colors live in small textures, so that a new color or focus uploads next to nothing.

const VERTEX = `#version 300 es
in vec3 a_from;
in vec3 a_to;
in float a_label;
in float a_value;
in float a_flag;
uniform mat4 u_from;
uniform mat4 u_to;
uniform float u_mix;
uniform float u_size;
uniform float u_perspective;
uniform vec2 u_opacity;     // of lit and of dimmed dots
uniform int u_groups;
uniform int u_pass;         // 0 all, 1 dimmed only, 2 lit only
uniform bool u_selecting;
uniform bool u_ramped;
uniform sampler2D u_palette; // 256 wide; alpha 1 = lit, 0 = dimmed by the focus
uniform sampler2D u_ramp;
uniform vec3 u_background;
out vec4 v_color;
out float v_radius;
flat out int v_hollow;
void main() {
  vec4 place = mix(u_from * vec4(a_from, 1.0), u_to * vec4(a_to, 1.0), u_mix);
  int group = a_label > 65534.5 ? u_groups : int(a_label + 0.5);
  vec4 color = texelFetch(u_palette, ivec2(group & 255, group >> 8), 0);
  bool lit = color.a > 0.5 && (!u_selecting || a_flag > 0.5);
  bool missing = a_to.x > 0.999995;
  if (missing || (u_pass == 1 && lit) || (u_pass == 2 && !lit)) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    gl_PointSize = 1.0;
    return;
  }
  bool valueless = a_value > 0.999995;
  if (u_ramped) {
    vec4 none = texelFetch(u_palette, ivec2(u_groups & 255, u_groups >> 8), 0);
    color.rgb = valueless ? none.rgb : texture(u_ramp, vec2(a_value * 0.99609375 + 0.001953125, 0.5)).rgb;
  }
  float size = u_size;
  if (u_perspective > 0.0) {
    size *= u_perspective / place.w;
    // What is far off pales: the only cue of depth in a still picture.
    color.rgb = mix(color.rgb, u_background, clamp((place.w - u_perspective + 0.9) / 3.2, 0.0, 0.55));
  }
  gl_Position = place;
  gl_PointSize = size + 1.0;
  v_radius = size * 0.5;
  v_color = vec4(color.rgb, lit ? u_opacity.x : u_opacity.y);
  v_hollow = (u_ramped ? valueless : group == u_groups) ? 1 : 0;
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec4 v_color;
in float v_radius;
flat in int v_hollow;
uniform vec3 u_background;
uniform bool u_solid;
out vec4 o_color;
void main() {
  float r = length(gl_PointCoord - 0.5) * (v_radius * 2.0 + 1.0);
  float cover = clamp(v_radius - r + 0.5, 0.0, 1.0);
  if (cover < (u_solid ? 0.2 : 0.004)) discard;
  vec3 color = v_color.rgb;
  float alpha = (u_solid && v_color.a > 0.3 ? 1.0 : v_color.a) * cover;
  if (v_hollow == 1) {
    alpha *= mix(0.25, 1.0, clamp(r - v_radius + 2.0, 0.0, 1.0));
  } else if (v_radius > 2.4) {
    // A rim of background keeps neighbors apart.
    color = mix(color, u_background, 0.45 * clamp(r - v_radius + 1.3, 0.0, 1.0));
  }
  o_color = vec4(color * alpha, alpha);
}`;

const ATTRIBUTES = ["a_from", "a_to", "a_label", "a_value", "a_flag"];

class WebGLRenderer {
  constructor(canvas) {
    this.canvas = canvas;
    this.limit = Infinity;
    const gl = canvas.getContext("webgl2", { antialias: false, alpha: true, premultipliedAlpha: true });
    if (!gl) throw new Error("no WebGL2");
    this.gl = gl;
    this.build();
  }

  // Also called when the browser has taken the context away and given it back.
  build() {
    const { gl } = this;
    const program = gl.createProgram();
    ATTRIBUTES.forEach((name, place) => gl.bindAttribLocation(program, place, name));
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`the shader does not link: ${gl.getProgramInfoLog(program)}`);
    }
    this.program = program;
    this.places = {};
    const count = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) ?? 0;
    for (let i = 0; i < count; i += 1) {
      const { name } = gl.getActiveUniform(program, i);
      this.places[name] = gl.getUniformLocation(program, name);
    }
    this.buffers = {};
    this.held = {}; // which array lies in which buffer
    this.palette = this.texture(0);
    this.ramp = this.texture(1);
    this.setRamp([[128, 128, 128]]); // a sampler without a picture makes some drivers complain
  }

  texture(unit) {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    const filter = unit === 0 ? gl.NEAREST : gl.LINEAR;
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    return texture;
  }

  resize(width, height, ratio) {
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
    this.ratio = ratio;
  }

  // `colors` holds one RGB triple a group and a last one for "unassigned"; `lit` says which the focus leaves bright.
  setPalette(colors, lit) {
    const rows = Math.ceil(colors.length / 256);
    const texels = new Uint8Array(rows * 256 * 4);
    colors.forEach(([r, g, b], i) => texels.set([r, g, b, lit[i] ? 255 : 0], i * 4));
    this.fill(0, this.palette, 256, rows, texels);
  }

  setRamp(colors) {
    const texels = new Uint8Array(256 * 4);
    for (let i = 0; i < 256; i += 1) texels.set([...rampColor(colors, i / 255), 255], i * 4);
    this.fill(1, this.ramp, 256, 1, texels);
  }

  fill(unit, texture, width, height, texels) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
  }

  // Uploads an array only when it is another one than the buffer already holds.
  attribute(place, array, size, kind, normalized, every, slot = place) {
    const { gl } = this;
    if (!array) {
      gl.disableVertexAttribArray(place);
      return;
    }
    this.buffers[slot] ??= gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[slot]);
    if (this.held[slot] !== array) {
      gl.bufferData(gl.ARRAY_BUFFER, array, gl.STATIC_DRAW);
      this.held[slot] = array;
    }
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, kind, normalized, size * array.BYTES_PER_ELEMENT * every, 0);
  }

  draw(scene) {
    const { gl, places } = this;
    if (gl.isContextLost()) return;
    const { layer, before, every } = scene;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clearDepth(1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.useProgram(this.program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    const solid = layer.dims === 3;
    (solid ? gl.enable : gl.disable).call(gl, gl.DEPTH_TEST);
    // Points at rest come from where they are going to: one buffer serves both.
    this.attribute(0, before.codes, layer.dims, gl.UNSIGNED_SHORT, true, every, before === layer ? 1 : 0);
    this.attribute(1, layer.codes, layer.dims, gl.UNSIGNED_SHORT, true, every);
    this.attribute(2, scene.labels, 1, gl.UNSIGNED_SHORT, false, every);
    this.attribute(3, scene.ramped ? layer.values : null, 1, gl.UNSIGNED_SHORT, true, every);
    this.attribute(4, scene.flags, 1, gl.UNSIGNED_BYTE, false, every);
    gl.uniformMatrix4fv(places.u_from, false, new Float32Array(scene.from));
    gl.uniformMatrix4fv(places.u_to, false, new Float32Array(scene.to));
    gl.uniform1f(places.u_mix, scene.mix);
    gl.uniform1f(places.u_size, scene.size * this.ratio);
    gl.uniform1f(places.u_perspective, scene.perspective);
    gl.uniform2f(places.u_opacity, scene.opacity, scene.dimmed);
    gl.uniform1i(places.u_groups, scene.groups);
    gl.uniform1i(places.u_selecting, scene.flags ? 1 : 0);
    gl.uniform1i(places.u_ramped, scene.ramped ? 1 : 0);
    gl.uniform1i(places.u_solid, solid ? 1 : 0);
    gl.uniform3fv(places.u_background, scene.background.map((part) => part / 255));
    gl.uniform1i(places.u_palette, 0);
    gl.uniform1i(places.u_ramp, 1);
    const count = Math.floor(layer.n / every);
    // Lit dots lie over dimmed ones, whatever their order in the data.
    for (const pass of scene.dimming ? [1, 2] : [0]) {
      gl.uniform1i(places.u_pass, pass);
      gl.depthMask(pass !== 1);
      gl.drawArrays(gl.POINTS, 0, count);
    }
    gl.depthMask(true);
  }

  dispose() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
