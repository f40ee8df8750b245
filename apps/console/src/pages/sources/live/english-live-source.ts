/** The texts about the live values of a source on a device. */
import { count, number } from '../../../texts/count.ts'

const qualities = { good: 'Good', uncertain: 'Uncertain', bad: 'Bad', unheard: 'Nothing yet' } as const

export const liveSourceTexts = {
  title: (source: string, device: string) => `${source} on ${device}`,
  unset:
    'This source does not apply to the device: another source of this name does, or its scope excludes the device.',
  behind: 'The device runs another version. The values are of that version.',
  card: 'Values',
  filter: 'Filter the tags',
  placeholder: 'Words of a name, a group, an address',
  noMatch: 'No tag fits.',
  columns: { name: 'Tag', value: 'Value', quality: 'Quality', source: 'Source time', age: 'Age', write: 'Write' },
  qualities,
  unheardHint: 'The device has no value of this tag yet',
  noTime: 'The equipment sends no time. The age counts from the moment when the device received the value.',
  inTurn: (turns: number) => `Too many tags for one answer. Each tag is read every ${turns} seconds.`,
  leftOut: (count: number) => `${number.format(count)} tags are not read. Use the filter to see them.`,
  count: (shown: number, bad: number) => {
    const all = shown === 1 ? '1 tag' : `${number.format(shown)} tags`
    return bad === 0 ? all : `${all}, ${number.format(bad)} bad`
  },
  trend: {
    title: 'Trend',
    span: 'the last minutes, while this page is open',
    choose: 'Tags of the trend',
    now: 'now',
    minutes: (minutes: number) => `${number.format(minutes)} min ago`,
    bounds: (low: string, high: string) => `${low} to ${high}`,
    constant: (value: string) => `always ${value}`,
    bad: 'no value',
    trendOf: (tag: string, points: number) => `Trend of ${tag}: ${count(points, 'value')}`,
    vectorOf: (tag: string, elements: number) => `${tag}: a vector of ${count(elements, 'element')}`,
  },
  figures: {
    title: 'Connection and groups',
    connection: (figures: { valuesPerSecond: number; connects: number; troubles: number }) =>
      [
        `${number.format(Math.round(figures.valuesPerSecond * 10) / 10)} values a second`,
        `connected ${count(figures.connects, 'time')}`,
        `${count(figures.troubles, 'time')} lost or failed`,
      ].join(', '),
    losses: (lost: number, crashes: number) =>
      `${count(lost, 'value')} lost, ${count(crashes, 'crash', 'crashes')} within ten minutes`,
    ms: (ms: number) => `${number.format(ms)} ms`,
    told: (told: number, untold: number) => `${number.format(told)} sent, ${number.format(untold)} unchanged`,
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
      overruns: 'Skipped',
      last: 'Last round',
      told: 'Values',
      quality: 'Tags now',
    },
  },
  write: {
    open: 'Write',
    openLabel: (tag: string) => `Write ${tag}`,
    title: (tag: string) => `Write ${tag}`,
    lead: 'This acts on the equipment at once. The device writes once and never retries. The audit log records it with your reason.',
    device: 'Device',
    source: 'Source',
    address: 'Address',
    now: 'Value now',
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
    interlocked: 'Nothing was written, because the interlock blocks it now. Check the equipment, then write again.',
    kind: 'Type',
    kinds: { number: 'a number', boolean: 'true or false', text: 'a text', list: 'a list, for an array or a method' },
    listHint: 'All elements of the array, or the arguments of the method: [1500, "recipe 7", true]',
    value: 'Value',
    choose: 'Choose one',
    flaws: {
      empty: 'type a value',
      number: 'this is not a number',
      list: 'this is not a list such as [1500, "recipe 7", true]',
      low: 'below what the source allows',
      high: 'above what the source allows',
      long: 'more than 1,000 characters',
    },
    reasonMissing: 'Type a reason. The audit log records it.',
    verb: 'Write',
    busy: 'The device is writing',
    before: 'Before',
    written: 'Written',
    after: 'Value now',
    reading: 'waiting for the next reading',
    unknownBefore: 'not known to the device',
    confirmed: 'The device read the equipment again, and it has the value.',
    sent: 'The equipment accepted the value. The source does not read it again.',
    unsure: 'It is unknown whether the value was written. Read the tag before you do anything else.',
    close: 'Close',
  },
} as const
