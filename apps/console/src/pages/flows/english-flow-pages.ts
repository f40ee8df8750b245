/** The texts of the pages about flows. */
import { count, number } from '../../texts/count.ts'

export const flowPageTexts = {
  title: 'Flows',
  count: (rows: number) => count(rows, 'flow'),
  filter: 'Filter the flows',
  noMatch: 'No flow fits the filter.',
  empty: 'No flows yet',
  emptyHint:
    'A flow reads values of equipment, computes signals in steps, and sends them to sinks. You deploy it like a model.',
  upload: 'Upload a flow',
  newVersion: 'Upload a version',
  version: (version: number) => `version ${number.format(version)}`,
  columns: {
    name: 'Name',
    latest: 'Newest',
    aliases: 'Aliases',
    deployments: 'Deployments',
    devices: 'Devices',
    created: 'Created',
  },
  healthy: (healthy: number, total: number) =>
    total === 0 ? 'none' : `${number.format(healthy)} of ${number.format(total)} healthy`,
  deployments: {
    title: 'Deployments',
    none: 'No deployment uses this flow yet.',
    more: (rows: number) => `and ${number.format(rows)} more`,
  },
  devices: {
    title: 'Devices',
    none: 'No device runs it yet, and no deployment picks a device.',
    columns: {
      device: 'Device',
      state: 'State',
      version: 'Live',
      since: 'Since',
      note: 'Message',
      live: 'Values',
    },
    live: 'Live values',
    liveOn: (device: string) => `Live values on ${device}`,
    unsaid: 'Not reported yet',
    none_live: 'none',
    taking: (version: number) => `changes to version ${number.format(version)}`,
    asked: (requests: number, failures: number, dropped: number) =>
      [
        `${number.format(requests)} answers of models and sinks`,
        ...(failures > 0 ? [`${number.format(failures)} failed`] : []),
        ...(dropped > 0 ? [`${number.format(dropped)} dropped by its queues`] : []),
      ].join(', '),
    more: (rows: number) => `Show ${number.format(rows)} more`,
    cut: (shown: number) => `The first ${number.format(shown)} devices of each deployment; its page has them all.`,
  },
  replay: {
    title: 'Replay',
    golden: (outputs: number) =>
      `This version has a recording and a golden file. Each device replays the recording with its own models before the flow is live there. It must give the same ${count(outputs, 'output')}.`,
    none: 'This version has no recording, so devices cannot test it before it is live.',
    here: 'To replay it elsewhere, use the files of the version:',
    record: 'Record a source, and create a golden file:',
    file: (path: string) => `Download ${path}`,
    what: 'the command',
  },
} as const
