/** The two loops of going back through a normalization. Where x̂ is NaN a value was missing: it has no part in anything. */

/**
 * What a tensor `[n, c, l]` comes to along 1 and along x̂, per channel: the sums of u and of u · x̂, compensated.
 * @param sums,products zeroed, shape `[c]` each
 */
export function project(
  u: Float64Array,
  xhat: Float64Array,
  n: number,
  c: number,
  l: number,
  sums: Float64Array,
  products: Float64Array,
): void {
  const sumErrors = new Float64Array(c);
  const productErrors = new Float64Array(c);
  let at = 0;
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < c; i++) {
      let sum = sums[i]!;
      let sumError = sumErrors[i]!;
      let product = products[i]!;
      let productError = productErrors[i]!;
      for (const end = at + l; at < end; at++) {
        const a = u[at]!;
        const b = a * xhat[at]!;
        if (Number.isNaN(b)) continue;
        const nextSum = sum + a;
        const sumPart = nextSum - sum;
        sumError += sum - (nextSum - sumPart) + (a - sumPart);
        sum = nextSum;
        const nextProduct = product + b;
        const productPart = nextProduct - product;
        productError += product - (nextProduct - productPart) + (b - productPart);
        product = nextProduct;
      }
      sums[i] = sum;
      sumErrors[i] = sumError;
      products[i] = product;
      productErrors[i] = productError;
    }
  }
  for (let i = 0; i < c; i++) {
    sums[i]! += sumErrors[i]!;
    products[i]! += productErrors[i]!;
  }
}

/**
 * dx = (g - along · x̂ - even) · scale, per channel of `[n, c, l]`: of a gradient, what moving the statistics does not undo.
 * 0 where x̂ is NaN.
 */
export function pullBack(
  g: Float64Array,
  xhat: Float64Array,
  n: number,
  c: number,
  l: number,
  even: Float64Array,
  along: Float64Array,
  scale: Float64Array,
  dx: { [index: number]: number },
): void {
  let at = 0;
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < c; i++) {
      const a = even[i]!;
      const b = along[i]!;
      const s = scale[i]!;
      for (const end = at + l; at < end; at++) {
        const x = xhat[at]!;
        dx[at] = Number.isNaN(x) ? 0 : (g[at]! - b * x - a) * s;
      }
    }
  }
}
