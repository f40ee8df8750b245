/** Texts of systems. */
export const systemTexts = {
  title: 'Parts, in the order in which devices install them',
  columns: { step: 'Step', part: 'Part', kind: 'Kind', size: 'Size' },
  standing: 'Parts of the system on this device, in their order',
  before: (version: number) => `version ${version} before`,
  states: {
    waiting: 'waiting for the parts before it',
    moving: 'in progress',
    installed: 'installed',
    returning: 'returning',
    returned: 'returned',
  },
} as const
