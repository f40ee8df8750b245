/** The texts about trying a source on a device, looking into its equipment and beginning it anew, which the pages of sources load. */
import { number } from '../../../texts/count.ts'

const tagsText = (count: number) => (count === 1 ? '1 tag' : `${number.format(count)} tags`)

export const equipmentTexts = {
  title: 'On a device',
  lead: 'A test read has the device connect as this source says, beside what it runs, read once and forget it; nothing is written. Equipment that takes one connection only may refuse this one, or drop the other.',
  device: 'Through device',
  deviceHint: (unnamed: number) => `or the name of another one: ${number.format(unnamed)} are not listed`,
  noDevice: 'The source counts on no device, so none is there to try it.',
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
        ? `${number.format(fitting)} tags fit. A test read takes the first ${number.format(most)}: choose a group or words for the others.`
        : `A test read asks for ${tagsText(fitting)}; it takes ${number.format(most)} at most.`,
    none: 'No tag fits what is chosen.',
  },
  test: {
    verb: 'Test read',
    cancel: 'Cancel',
    running: (device: string, seconds: number) =>
      `${device} connects and reads; what says nothing within ${seconds} s is left out.`,
    waited: (seconds: number) => `${number.format(seconds)} s`,
    cancelled: 'The test read was cancelled.',
    title: 'What the device read',
    on: 'on',
    summary: (counts: { read: number; bad: number; silent: number; waitMs: number }) =>
      [
        `${tagsText(counts.read)} read`,
        counts.bad > 0 && `${number.format(counts.bad)} of them bad`,
        counts.silent > 0 && `${tagsText(counts.silent)} gave nothing within ${counts.waitMs / 1_000} s`,
      ]
        .filter((text) => text !== false)
        .join(', '),
    omitted: (count: number, most: number) =>
      `${tagsText(count)} not tried: a test read takes the first ${number.format(most)}.`,
    old: 'The source or the device was changed since, or which tags are asked for; this is what was read before.',
    why: 'Why',
    approvals: 'See the request',
  },
  browse: {
    verb: 'Browse',
    unsaved: 'Save the source first: a device looks over the connection of a source that it runs.',
    title: (device: string) => `What the equipment has, as ${device} sees it`,
    tree: 'Places of the equipment',
    filter: 'Filter what was fetched',
    placeholder: 'Words of a label or a path',
    noMatch: 'Nothing that was fetched fits. What was not opened yet is not looked at.',
    fetched: (count: number) => `${number.format(count)} fetched`,
    again: 'Look again',
    close: 'Close',
    pickAll: (count: number) => `Pick the ${number.format(count)} shown`,
    pickNone: 'Pick none',
    nothingFree: 'Nothing that shows can be picked: open what lies above it first.',
    there: 'in the source',
    labels: {
      waiting: 'On its way',
      empty: 'Nothing lies here',
      full: 'This page holds no more: close this, and look into a folder, or ask for all with skerry source browse',
      more: (count: number) => `Fetch more: ${number.format(count)} come after these`,
      failed: ({ message }: { message: string }) => `${message}. Press to ask again`,
    },
    unknown: (protocol: string) => `Equipment that speaks ${protocol} does not say what it has`,
    unknownHint: 'Write its tags down by hand, or take them from CSV.',
    notThere: 'The device does not run this source',
    notThereHint:
      'It looks over the connection of a source that it runs. Once it has taken what was saved, look again.',
    most: (count: number) => `No more than ${number.format(count)} at once.`,
    group: 'Into the group',
    newGroup: 'A new one',
    groupName: 'Its name',
    everyMs: 'Read every (ms)',
    take: (count: number) => (count === 1 ? 'Take over 1 tag' : `Take over ${number.format(count)} tags`),
    none: 'Pick what is to become a tag.',
    badGroup: 'A group needs a name of its own and a rate of 10 ms or more.',
  },
  restart: {
    verb: 'Restart',
    label: (device: string) => `Restart on ${device}`,
    title: (source: string, device: string) => `Restart ${source} on ${device}?`,
    lead: 'The device ends its connection to the equipment and begins it anew. Until it is connected again its tags are bad, and flows see that.',
    leadQuarantined:
      'It ended five times within ten minutes, so the device has stopped trying. A restart has it try again, from no end counted; what ended it may do so again. Until it is connected its tags are bad, and flows see that.',
    done: (source: string, device: string) => `${source} on ${device} begins anew`,
    unsaid: 'The device has not said that it runs this source.',
    quarantined: 'The device has stopped trying: a restart has it begin anew.',
    quarantinedNote: 'it is tried no more until it is restarted',
  },
} as const
