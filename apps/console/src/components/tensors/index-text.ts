/** Index text: the place of an element in its tensor, such as `[0, 3]`. */

export function indexText(index: number, shape: readonly number[]): string {
  let rest = index
  const places = shape.toReversed().map((size) => {
    const place = size === 0 ? 0 : rest % size
    rest = size === 0 ? 0 : Math.floor(rest / size)
    return place
  })
  return `[${places.toReversed().join(', ')}]`
}
