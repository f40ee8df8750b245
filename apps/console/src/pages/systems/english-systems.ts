/** Texts of systems. */
export const systemTexts = {
  title: 'Parts, in the order in which devices install them',
  columns: { step: 'Step', part: 'Part', kind: 'Kind', size: 'Size' },
} as const
