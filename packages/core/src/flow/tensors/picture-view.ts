/**
 * Picture view: the part of a picture that a tensor was made from, and the place of that part in the tensor. With it,
 * places in the tensor become places in the picture.
 */
import type { Box } from './boxes.ts'

export type Area = { x: number; y: number; width: number; height: number }

/** The visible part of the picture, and its place in the tensor. Both in pixels. */
export type Placement = { seen: Area; into: Area }

/** `width` and `height`: of the tensor. */
export type PictureView = Placement & { width: number; height: number }

/**
 * x of the picture = seen.x + (x of the tensor - into.x) * seen.width / into.width, and so downwards: the inverse of
 * how it was made.
 */
export function boxInPicture({ left, top, right, bottom }: Box, { seen, into }: Placement): Box {
  const across = seen.width / into.width
  const down = seen.height / into.height
  return {
    left: seen.x + (left - into.x) * across,
    top: seen.y + (top - into.y) * down,
    right: seen.x + (right - into.x) * across,
    bottom: seen.y + (bottom - into.y) * down,
  }
}

/**
 * The visible part of the box. Undefined if none is visible, as for a box that a detector found in the filling beside a
 * picture.
 */
export function seenPart(box: Box, { seen }: Placement): Box | undefined {
  const part = {
    left: Math.max(box.left, seen.x),
    top: Math.max(box.top, seen.y),
    right: Math.min(box.right, seen.x + seen.width),
    bottom: Math.min(box.bottom, seen.y + seen.height),
  }
  return part.left < part.right && part.top < part.bottom ? part : undefined
}
