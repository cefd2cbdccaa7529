/** Gradient descent: one step, in place. */
export function descend(parameters: Float64Array, gradient: Float64Array, rate: number): void {
  for (let i = 0; i < parameters.length; i++) parameters[i]! -= rate * gradient[i]!;
}
