/** Half-precision floats, of which there are only the bits. */

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/** bfloat16: the upper half of a float32. */
export function fromBF16(bits: number): number {
  word[0] = bits << 16;
  return float[0]!;
}

/** IEEE 754 binary16: a sign, 5 bits of exponent, 10 of fraction. */
export function fromF16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction : fraction + 0x400) * 2 ** (Math.max(exponent, 1) - 25);
}
