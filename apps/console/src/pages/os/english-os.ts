/** Texts of images of operating systems. */
export const osTexts = {
  title: 'Parts of the image',
  columns: { part: 'Part', size: 'Size' },
} as const
