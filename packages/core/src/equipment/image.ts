/** Image: one picture of a camera, as it passes between threads of one process. It has no form in which it could be written down or sent. */

/** Row after row from the top, the channels of a pixel beside each other: red, green and blue, or grey alone. Never changed once it is made. */
export type Image = {
  width: number
  height: number
  channels: 1 | 3
  data: Uint8Array<ArrayBuffer>
}

/** What people see of it. */
export const imageText = ({ width, height, channels }: Omit<Image, 'data'>): string =>
  `image ${width}×${height}${channels === 1 ? ' grey' : ''}`
