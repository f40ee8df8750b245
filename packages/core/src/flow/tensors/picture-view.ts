/** Picture view: what a tensor was made of: which part of a picture, and where it stands in the tensor. So places in the tensor are places in the picture. */
import type { Box } from './boxes.ts'

export type Area = { x: number; y: number; width: number; height: number }

/** The part of the picture that is seen, and where it stands in the tensor. Both in pixels. */
export type Placement = { seen: Area; into: Area }

/** `width` and `height`: of the tensor. */
export type PictureView = Placement & { width: number; height: number }

/** x of the picture = seen.x + (x of the tensor - into.x) * seen.width / into.width, and so downwards: the inverse of how it was made. */
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

/** The part of it that was seen; undefined where none was, as of what a detector found in the filling beside a picture. */
export function seenPart(box: Box, { seen }: Placement): Box | undefined {
  const part = {
    left: Math.max(box.left, seen.x),
    top: Math.max(box.top, seen.y),
    right: Math.min(box.right, seen.x + seen.width),
    bottom: Math.min(box.bottom, seen.y + seen.height),
  }
  return part.left < part.right && part.top < part.bottom ? part : undefined
}
