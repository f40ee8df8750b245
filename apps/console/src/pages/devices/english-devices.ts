/** The texts of the list of devices that no other page needs: its own file of code, so that the first load stays small. */
import { count, number } from '../../texts/count.ts'

const devices = (value: number) => count(value, 'device')

export const devicesWords = {
  waiting: (value: number) =>
    value === 1 ? '1 device waits for approval' : `${number.format(value)} devices wait for approval`,
  waitingShow: 'Show',

  select: (name: string) => `Select ${name}`,
  selectAll: 'Select all that are shown',
  selection: 'What to do with the selected devices',
  selected: (value: number) => `${devices(value)} selected`,
  clear: 'Clear the selection',

  approve: (value: number) => (value === 0 ? 'Approve' : `Approve ${number.format(value)}`),
  approveNone: 'None of the selected devices waits for approval',
  approveTitle: (value: number) => `Let ${devices(value)} in?`,
  approveLead: 'Each gets a certificate and takes part in deployments.',
  approved: (value: number) => `${devices(value)} let in`,

  addLabel: 'Set a label',
  removeLabel: 'Remove a label',
  addTitle: (value: number) => `Set a label on ${devices(value)}`,
  removeTitle: (value: number) => `Remove a label from ${devices(value)}`,
  labelLead: 'Other labels stay as they are. Deployments whose selectors use the label may move on or off the devices.',
  label: 'Label',
  labelHint: 'key=value',
  labelKey: 'Label',
  labelKeyNone: 'Choose a label',
  labelInvalid: 'That is not key=value',
  addVerb: (value: number) => `Set on ${number.format(value)}`,
  removeVerb: (value: number) => `Remove from ${number.format(value)}`,
  unchanged: (value: number) => `${devices(value)} ${value === 1 ? 'needs' : 'need'} no change.`,
  relabelled: (value: number) => `${devices(value)} relabelled`,

  tooMany: (max: number) => `At most ${number.format(max)} at once: narrow the filter, or use the command line`,
  progress: (done: number, total: number) => `${number.format(done)} of ${number.format(total)} done`,
  stopped: (left: number) => `Stopped: ${devices(left)} left as they were.`,
  failures: (value: number) => `${devices(value)} failed:`,
  stop: 'Stop',
  again: 'Try those again',
} as const
