/** Texts of images of operating systems. */
export const osTexts = {
  title: 'Parts',
  columns: { part: 'Part', size: 'Size', package: 'Package', version: 'Version' },
} as const
