/** The texts of a source on a device: test read, browsing of the equipment, restart. */
import { number } from '../../../texts/count.ts'

const tagsText = (count: number) => (count === 1 ? '1 tag' : `${number.format(count)} tags`)

export const equipmentTexts = {
  title: 'On a device',
  lead: 'For a test read, the device connects as this source defines, and reads once. It writes nothing and changes no running source. Equipment that accepts only one connection may reject this one, or drop the other.',
  device: 'Through device',
  deviceHint: (unnamed: number) => `or type a name: ${number.format(unnamed)} are not listed`,
  noDevice: 'You cannot test the source, because it applies to no device.',
  choose: 'Choose a device first.',
  wait: 'Longest wait',
  waits: (ms: number) => (ms < 60_000 ? `${ms / 1_000} seconds` : '1 minute'),
  tags: {
    group: 'Tags of',
    everyGroup: 'every group',
    words: 'Only tags with',
    placeholder: 'any words',
    note: (fitting: number, most: number) =>
      fitting > most
        ? `${number.format(fitting)} tags match. A test read reads the first ${number.format(most)}. Choose a group or words for the others.`
        : `A test read reads ${tagsText(fitting)}, at most ${number.format(most)}.`,
    none: 'No tag matches your choice.',
  },
  test: {
    verb: 'Test read',
    cancel: 'Cancel',
    running: (device: string, seconds: number) =>
      `${device} connects and reads. Tags without a value within ${seconds} s are skipped.`,
    waited: (seconds: number) => `${number.format(seconds)} s`,
    cancelled: 'The test read was cancelled.',
    title: 'Values that the device read',
    on: 'on',
    summary: (counts: { read: number; bad: number; silent: number; waitMs: number }) =>
      [
        `${tagsText(counts.read)} read`,
        counts.bad > 0 && `${number.format(counts.bad)} of them bad`,
        counts.silent > 0 && `${tagsText(counts.silent)} gave no value within ${counts.waitMs / 1_000} s`,
      ]
        .filter((text) => text !== false)
        .join(', '),
    omitted: (count: number, most: number) =>
      `${tagsText(count)} not read: a test read reads the first ${number.format(most)}.`,
    old: 'This result is old: the source, the device or the choice of tags has changed since.',
    why: 'Why',
    approvals: 'See the request',
  },
  browse: {
    verb: 'Browse',
    unsaved: 'You cannot browse yet, because a device browses over a source that it runs. Save the source first.',
    unlisted: (protocol: string) =>
      `The equipment of a ${protocol} source has no list of its data points. Write the tags yourself.`,
    title: (device: string) => `The equipment, as ${device} sees it`,
    tree: 'Nodes of the equipment',
    filter: 'Filter the fetched nodes',
    placeholder: 'Words of a label or a path',
    noMatch: 'No fetched node matches. The filter does not search nodes that you have not opened.',
    fetched: (count: number) => `${number.format(count)} fetched`,
    again: 'Browse again',
    close: 'Close',
    pickAll: (count: number) => `Pick the ${number.format(count)} shown`,
    pickNone: 'Pick none',
    nothingFree: 'No visible node can be picked. Open the nodes above them first.',
    there: 'in the source',
    labels: {
      waiting: 'Loading',
      empty: 'Empty',
      full: 'This page cannot hold more. Close this and open one folder, or use skerry source browse.',
      more: (count: number) => `Fetch more: ${number.format(count)} are left`,
      failed: ({ message }: { message: string }) => `${message}. Press to retry`,
    },
    unknown: (protocol: string) => `You cannot browse equipment over ${protocol}`,
    unknownHint: 'Write its tags by hand, or import them from CSV.',
    notThere: 'The device does not run this source',
    notThereHint: 'A device browses over a source that it runs. Try again when it has the saved source.',
    most: (count: number) => `You can pick at most ${number.format(count)} at once.`,
    group: 'Into the group',
    newGroup: 'New group',
    groupName: 'Its name',
    everyMs: 'Read every (ms)',
    take: (count: number) => (count === 1 ? 'Add 1 tag' : `Add ${number.format(count)} tags`),
    none: 'Pick the nodes to add as tags.',
    badGroup: 'A group needs a name of its own and a rate of 10 ms or more.',
  },
  restart: {
    verb: 'Restart',
    label: (device: string) => `Restart on ${device}`,
    title: (source: string, device: string) => `Restart ${source} on ${device}?`,
    lead: 'The device closes its connection to the equipment and opens it again. Until then its tags are bad, and flows see that.',
    leadQuarantined:
      'The source crashed five times within ten minutes, so the device stopped it. A restart resets the count and starts the source again. Until it is connected its tags are bad, and flows see that.',
    done: (source: string, device: string) => `${source} on ${device} restarts`,
    unsaid: 'The device has not reported that it runs this source.',
    quarantined: 'The device has stopped this source. Restart it to try again.',
    quarantinedNote: 'it stays stopped until you restart it',
  },
} as const
