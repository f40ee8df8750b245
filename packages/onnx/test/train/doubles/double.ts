/** Tensors of float64, for a reference that shares no code with the rules. Slow, and short. */
export type Double = { shape: readonly number[]; data: Float64Array }

export const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

const known = new Map<string, readonly (readonly number[])[]>()

/** All indices of a shape, row-major. They are kept, because the same shapes come thousands of times. */
export function indicesOf(shape: readonly number[]): readonly (readonly number[])[] {
  const key = shape.join()
  const before = known.get(key)
  if (before) return before
  const indices = Array.from({ length: count(shape) }, (_, flat) => indexOf(flat, shape))
  known.set(key, indices)
  return indices
}

function indexOf(flat: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length).fill(0)
  let rest = flat
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] ?? 1
    index[axis] = rest % size
    rest = Math.floor(rest / size)
  }
  return index
}

/** The tensor whose element at each index is `value`. */
export function double(shape: readonly number[], value: (index: readonly number[]) => number): Double {
  const data = new Float64Array(count(shape))
  let flat = 0
  for (const index of indicesOf(shape)) data[flat++] = value(index)
  return { shape, data }
}

/** The element at an index of a shape with more or larger axes, as broadcasting repeats it. */
export function at({ shape, data }: Double, index: readonly number[]): number {
  const extra = index.length - shape.length
  let flat = 0
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis] ?? 1
    if (size !== 1) flat = flat * size + (index[axis + extra] ?? 0)
  }
  return data[flat] ?? Number.NaN
}

/** Zero outside of the tensor. */
export const padded = (x: Double, index: readonly number[]): number =>
  index.every((each, axis) => each >= 0 && each < (x.shape[axis] ?? 0)) ? at(x, index) : 0

function broadcast(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map(({ length }) => length))
  return Array.from({ length: rank }, (_, axis) =>
    Math.max(...shapes.map((shape) => shape[axis - rank + shape.length] ?? 1)),
  )
}

export const elementwise = (xs: readonly Double[], compute: (...values: number[]) => number): Double =>
  double(broadcast(xs.map(({ shape }) => shape)), (index) => compute(...xs.map((x) => at(x, index))))

export const reshaped = ({ data }: Double, shape: readonly number[]): Double => ({ shape, data })

/** The index with some of its axes replaced. */
export const replaced = (index: readonly number[], axes: ReadonlyMap<number, number>): number[] =>
  index.map((each, axis) => axes.get(axis) ?? each)
