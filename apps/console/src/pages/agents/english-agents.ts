/** Texts of agent packages, and of the agent of a device. */
export const agentTexts = {
  parts: {
    title: 'Parts',
    columns: { part: 'Part', form: 'Form', size: 'Size' },
    forms: { archive: 'Archive', program: 'Program' },
  },
  card: {
    title: 'Agent',
    runs: 'Runs',
    update: 'Update',
    none: 'no deployment updates it',
    committed: 'Committed',
    version: (version: number) => `package ${version}`,
    onTrial: 'on trial',
    unlaunched:
      'This agent was not started by a launcher, so the hub cannot update it. Install it again with the command of a join token.',
  },
} as const
