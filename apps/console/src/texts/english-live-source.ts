/** The texts about what a source says on a device, which that page loads. */
import { number } from './count.ts'

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
  live: 'Live',
  waiting: 'Waiting for the first answer',
  paused: 'Paused',
  hidden: 'Paused while nobody looks',
  stale: (age: string) => `The last answer came ${age} ago`,
  liveHint: 'Asked of the device every second',
  inTurn: (turns: number) => `More tags than fit into one answer: each is asked for every ${turns} seconds`,
  leftOut: (count: number) => `${number.format(count)} tags are not asked for: filter for what you want to see.`,
  pause: 'Pause',
  goOn: 'Go on',
  count: (shown: number, bad: number) => {
    const all = shown === 1 ? '1 tag' : `${number.format(shown)} tags`
    return bad === 0 ? all : `${all}, ${number.format(bad)} bad`
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
    kind: 'What it takes',
    kinds: { number: 'a number', boolean: 'true or false', text: 'a text' },
    value: 'Value',
    choose: 'Choose one',
    flaws: {
      empty: 'say which value',
      number: 'this is no number',
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
