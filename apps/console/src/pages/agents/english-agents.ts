/** Texts of agent packages, and of the agent of a device. */
export const agentTexts = {
  parts: {
    title: 'Parts',
    columns: { part: 'Part', form: 'Form', size: 'Size' },
    forms: { archive: 'Archive', program: 'Program' },
  },
} as const
