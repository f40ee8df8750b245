/** The texts of the list of devices. A separate file keeps the first load small. */
import { count, number } from '../../texts/count.ts'
import { inLanguage } from '../../texts/in-language.ts'

const devices = (value: number) => count(value, 'device')

export const devicesWords = inLanguage('devices', {
  filterPlaceholder: (example: string) => `Words, such as ${example}`,
  filterHelpWords:
    'Words: the device must have each of them, in any field. A word with a field, such as site:oslo, is looked for in that field only. Put a text with spaces into double quotes.',
  filterHelpSelector:
    'A text that names “device.” or “site.”, or has an operator such as ==, is a selector, as in a deployment. The command line has the same filter: skerry device ls --filter.',
  join: 'Join a device',
  noFailure: 'A device that rolled back from a failed version is not failed any more. It remembers the failure.',
  showRemembered: 'Show remembered failures',
  polls: 'polls',
  models: 'Models',
  processor: 'Processor',
  memory: 'Memory',
  processorTitle: (model: string, cores: number, arch: string) => `${model}, ${count(cores, 'core')}, ${arch}`,

  waiting: (value: number) =>
    value === 1 ? '1 device waits for approval' : `${number.format(value)} devices wait for approval`,
  waitingShow: 'Show',

  select: (name: string) => `Select ${name}`,
  selectAll: 'Select all that are shown',
  selection: 'Actions for the selected devices',
  selected: (value: number) => `${devices(value)} selected`,
  clear: 'Clear the selection',

  approve: (value: number) => (value === 0 ? 'Approve' : `Approve ${number.format(value)}`),
  approveNone: 'None of the selected devices waits for approval',
  approveTitle: (value: number) => `Approve ${devices(value)}?`,
  approveLead: 'Each gets a certificate and takes part in deployments.',
  approved: (value: number) => `${devices(value)} approved`,

  addLabel: 'Set a label',
  removeLabel: 'Remove a label',
  addTitle: (value: number) => `Set a label on ${devices(value)}`,
  removeTitle: (value: number) => `Remove a label from ${devices(value)}`,
  labelLead: 'Other labels stay. Deployments whose selectors use the label may start or stop on the devices.',
  label: 'Label',
  labelHint: 'key=value',
  labelKey: 'Label',
  labelKeyNone: 'Choose a label',
  labelInvalid: 'This is not key=value',
  addVerb: (value: number) => `Set on ${number.format(value)}`,
  removeVerb: (value: number) => `Remove from ${number.format(value)}`,
  unchanged: (value: number) => `${devices(value)} ${value === 1 ? 'needs' : 'need'} no change.`,
  relabelled: (value: number) => `${devices(value)} relabelled`,

  tooMany: (max: number) =>
    `You can change at most ${number.format(max)} devices at once. Narrow the filter, or use the command line.`,
  progress: (done: number, total: number) => `${number.format(done)} of ${number.format(total)} done`,
  stopped: (left: number) => `Stopped. ${devices(left)} did not change.`,
  failures: (value: number) => `${devices(value)} failed:`,
  stop: 'Stop',
  again: 'Try those again',
} as const)
