/** The texts about what a source says on a device, which that page loads. */
import { number } from '../../../texts/count.ts'

const qualities = { good: 'Good', uncertain: 'Uncertain', bad: 'Bad', unheard: 'Nothing yet' } as const

export const liveSourceTexts = {
  title: (source: string, device: string) => `${source} on ${device}`,
  unset: 'This source does not count on the device: another of this name does, or it is in another place.',
  behind: 'The device runs another version than this; what it says is of that one.',
  card: 'Values',
  filter: 'Filter the tags',
  placeholder: 'Words of a name, a group, an address',
  noMatch: 'No tag fits.',
  columns: { name: 'Tag', value: 'Value', quality: 'Quality', source: 'Source time', age: 'Age', write: 'Write' },
  qualities,
  unheardHint: 'The device has no value of this tag yet',
  noTime: 'The equipment gives no time of its own; the age counts from when the device received it',
  inTurn: (turns: number) => `More tags than fit into one answer: each is asked for every ${turns} seconds`,
  leftOut: (count: number) => `${number.format(count)} tags are not asked for: filter for what you want to see.`,
  count: (shown: number, bad: number) => {
    const all = shown === 1 ? '1 tag' : `${number.format(shown)} tags`
    return bad === 0 ? all : `${all}, ${number.format(bad)} bad`
  },
  figures: {
    title: 'Connection and groups',
    connection: (figures: { valuesPerSecond: number; connects: number; troubles: number }) =>
      [
        `${number.format(Math.round(figures.valuesPerSecond * 10) / 10)} values a second`,
        `connected ${number.format(figures.connects)} times`,
        `${number.format(figures.troubles)} times lost or not had`,
      ].join(', '),
    losses: (lost: number, crashes: number) =>
      `${number.format(lost)} values that nobody took, ${number.format(crashes)} ends within ten minutes`,
    ms: (ms: number) => `${number.format(ms)} ms`,
    told: (told: number, untold: number) => `${number.format(told)} told, ${number.format(untold)} no news`,
    quality: (counts: { good: number; uncertain: number; bad: number }) =>
      [
        `${number.format(counts.good)} good`,
        counts.uncertain > 0 && `${number.format(counts.uncertain)} uncertain`,
        counts.bad > 0 && `${number.format(counts.bad)} bad`,
      ]
        .filter((text) => text !== false)
        .join(', '),
    columns: {
      group: 'Group',
      every: 'Every',
      rounds: 'Rounds',
      overruns: 'Left out',
      last: 'Last round',
      told: 'Values',
      quality: 'Tags now',
    },
  },
  write: {
    open: 'Write',
    openLabel: (tag: string) => `Write ${tag}`,
    title: (tag: string) => `Write ${tag}`,
    lead: 'This acts on equipment at once. It is done once, is never tried again by itself, and is on record with your reason.',
    device: 'Device',
    source: 'Source',
    address: 'Address',
    now: 'Says now',
    nothing: 'nothing yet',
    allowed: 'Allowed',
    bounds: (min: number | undefined, max: number | undefined) => {
      if (min === undefined && max === undefined) return 'any value'
      if (min === undefined) return `up to ${max}`
      return max === undefined ? `from ${min}` : `${min} to ${max}`
    },
    perMinute: (times: number) => `${number.format(times)} times a minute at most`,
    verified: 'read again afterwards',
    unverified: 'not read again afterwards',
    onlyWhile: 'Only while',
    interlocked: 'Nothing was written: its interlock does not let it now. See to the equipment, and write again.',
    kind: 'What it takes',
    kinds: { number: 'a number', boolean: 'true or false', text: 'a text', list: 'a list, for an array or a method' },
    listHint: 'All elements of the array, or the arguments of the method: [1500, "recipe 7", true]',
    value: 'Value',
    choose: 'Choose one',
    flaws: {
      empty: 'say which value',
      number: 'this is no number',
      list: 'this is no list such as [1500, "recipe 7", true]',
      low: 'below what the source allows',
      high: 'above what the source allows',
      long: 'more than 1,000 characters',
    },
    reasonMissing: 'Say why; it goes on record.',
    verb: 'Write',
    busy: 'The device is writing',
    before: 'Before',
    written: 'Written',
    after: 'Says now',
    reading: 'waiting for the next reading',
    unknownBefore: 'not known to the device',
    confirmed: 'The equipment was read again, and has the value.',
    sent: 'The equipment took it; the source says not to read it again.',
    unsure: 'Nobody knows whether it was written. Read the tag before anything else.',
    close: 'Close',
  },
} as const
