/** The texts of the rollback of a deployment. */
export const rollbackTexts = {
  button: 'Roll back',
  buttonTo: (revision: number) => `Roll back to revision ${revision}`,
  noEarlier: 'There is no earlier revision. Deploy another version, or remove the deployment.',
  title: (name: string) => `Roll back ${name}?`,
  lead: 'The hub makes a new revision with the version and the settings of an earlier one.',
  ends: { from: 'Now', to: 'Afterwards' },
  inForce: (revision: number) => `the specification of revision ${revision}`,
  afterwards: (revision: number, to: number) => `revision ${revision}, as in revision ${to}`,
  warning: 'Warning',
  changes: 'Devices that change',
  nobody: 'No device changes its version.',
  wizard: 'Choose another strategy',
  revisions: 'Show the revisions',
  done: (name: string, revision: number) => `${name} is rolled back, as revision ${revision}`,
  rollbackTo: (revision: number) => `rollback to revision ${revision}`,
}
