/** The texts about a flow as it runs on a device. */
import { count, number } from '../../../texts/count.ts'

export const flowLiveTexts = {
  title: (flow: string, device: string) => `${flow} on ${device}`,
  states: { starting: 'Starting', running: 'Running', crashed: 'Crashed', quarantined: 'Left alone' },
  stateHints: {
    starting: 'Its thread begins',
    running: 'It takes what its inputs say',
    crashed: 'Its thread ended; the device starts it again after a while',
    quarantined: 'Its thread ended too often within ten minutes, so the device has stopped trying',
  },
  facts: {
    version: (version: number) => `version ${number.format(version)}`,
    reached: 'has come to',
    crashes: (crashes: number) => `${count(crashes, 'end')} within ten minutes`,
    lost: (lost: number) => `${count(lost, 'sample')} not taken, because it was behind or not running`,
  },
  older: (shown: number) => `The device runs another version than the graph, which is of version ${shown}.`,
  rate: (perSecond: string) => `${perSecond}/s`,
  lost: (lost: string) => `−${lost}`,
  parts: {
    title: 'Parts',
    kinds: { input: 'Input', step: 'Step', sink: 'Sink' },
    columns: {
      part: 'Part',
      name: 'Name',
      value: 'Newest',
      in: 'In/s',
      out: 'Out/s',
      lost: 'Lost',
      bad: 'Bad',
      queued: 'Queued',
      latency: 'p50 / p99',
    },
    nothing: 'nothing yet',
    omitted: (omitted: number) => `and ${number.format(omitted)} more`,
    lostHint: (dropped: number, late: number) =>
      `${number.format(dropped)} dropped by policy, ${number.format(late)} came too late`,
  },
  queues: {
    title: 'Behind its sinks',
    none: 'It feeds no sink that keeps values on the disk, and tells the hub nothing.',
    hub: 'This hub',
    columns: { name: 'Sink', state: 'State', waiting: 'Waiting', oldest: 'Oldest', delivered: 'Taken/s', lost: 'Lost' },
    waiting: (values: number, size: string) => (values === 0 ? 'nothing' : `${number.format(values)} (${size})`),
    ofPriority: (priority: 'urgent' | 'normal' | 'bulk', values: number) => `${number.format(values)} ${priority}`,
    lost: (lost: number) => (lost === 0 ? 'none' : number.format(lost)),
    unstored: (values: number) => `${number.format(values)} not stored`,
    losses: 'What was lost',
    reasons: {
      bytes: 'over the size of the queue',
      age: 'older than the queue keeps',
      'disk-full': 'the disk was full',
      refused: 'refused by the sink for good',
      damaged: 'no longer readable',
      unstored: 'not on the disk yet when the device’s runner ended',
    },
    loss: (values: number, reason: string) => `${count(values, 'value')}: ${reason}`,
    range: (from: string, to: string) => `${from} to ${to}`,
    shares: 'The queue of a sink is one for all flows that feed it.',
  },
  recent: (name: string) => `The newest values of ${name}`,
} as const
