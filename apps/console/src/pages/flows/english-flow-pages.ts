/** The texts about flows, which their pages load. */
import { count, number } from '../../texts/count.ts'

export const flowPageTexts = {
  title: 'Flows',
  count: (rows: number) => count(rows, 'flow'),
  filter: 'Filter the flows',
  noMatch: 'No flow fits the filter.',
  empty: 'No flows yet',
  emptyHint:
    'A flow takes values of equipment, makes signals of them step by step, and tells some of them to sinks. It is rolled out as models are.',
  upload: 'Upload a flow',
  newVersion: 'Upload a version',
  version: (version: number) => `version ${number.format(version)}`,
  columns: {
    name: 'Name',
    latest: 'Newest',
    aliases: 'Aliases',
    deployments: 'Deployments',
    devices: 'Devices',
    created: 'Made',
  },
  healthy: (healthy: number, total: number) =>
    total === 0 ? 'none' : `${number.format(healthy)} of ${number.format(total)} well`,
  deployments: {
    title: 'Deployments',
    none: 'Nothing asks for this flow yet.',
    more: (rows: number) => `and ${number.format(rows)} more`,
  },
  devices: {
    title: 'Where it runs',
    none: 'It runs nowhere yet, and no deployment reaches a device.',
    columns: {
      device: 'Device',
      state: 'State',
      version: 'Live',
      since: 'Since',
      note: 'What the device says',
      live: 'Values',
    },
    live: 'Live values',
    liveOn: (device: string) => `Live values on ${device}`,
    unsaid: 'Not said yet',
    none_live: 'none',
    taking: (version: number) => `on its way to version ${number.format(version)}`,
    asked: (requests: number, failures: number, dropped: number) =>
      [
        `${number.format(requests)} answers of models and sinks`,
        ...(failures > 0 ? [`${number.format(failures)} not done`] : []),
        ...(dropped > 0 ? [`${number.format(dropped)} left out by its queues`] : []),
      ].join(', '),
    more: (rows: number) => `Show ${number.format(rows)} more`,
    cut: (shown: number) => `The first ${number.format(shown)} devices of each deployment; its page has them all.`,
  },
  replay: {
    title: 'Replay',
    golden: (outputs: number) =>
      `A recording travels with version and golden file: each device replays it with its own models before the flow is live there, and must give the same ${count(outputs, 'output')}.`,
    none: 'No recording travels with this version, so devices cannot try it before it is live.',
    here: 'Anywhere else, with the files of the version:',
    record: 'Record what a source says, and make a golden file of it:',
    file: (path: string) => `Download ${path}`,
    what: 'the command',
  },
} as const
