/** The texts of the forms of sources and sinks. */
import { number } from '../../../texts/count.ts'
import type { FormField } from './form-shape.ts'

/** Words that are written in capitals. */
const CAPITALS: ReadonlySet<string> = new Set(['url', 'tls', 'id', 'ca', 'pdu', 'tsap', 'qos', 'sasl', 'ip'])

/** The units at the end of a name, as people write them. */
const UNITS: Readonly<Record<string, string>> = { ms: 'ms', seconds: 's', bytes: 'bytes' }

function labelOf(name: string): string {
  const words = name
    .replaceAll(/([A-Z])/g, ' $1')
    .toLowerCase()
    .split(' ')
  const unit = words.length > 1 ? UNITS[words.at(-1) ?? ''] : undefined
  const shown = (unit === undefined ? words : words.slice(0, -1)).map((word) =>
    CAPITALS.has(word) ? word.toUpperCase() : word,
  )
  const text = shown.join(' ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${unit === undefined ? '' : ` (${unit})`}`
}

function limitsOf({ min, max }: FormField): string {
  if (min !== undefined && max !== undefined) return `${number.format(min)} to ${number.format(max)}.`
  if (min !== undefined) return `At least ${number.format(min)}.`
  return max === undefined ? '' : `At most ${number.format(max)}.`
}

const switchText = (value: unknown) => (value === true || value === 'true' ? 'on' : 'off')

export const formTexts = {
  protocol: 'Protocol',
  choose: 'Choose a protocol',
  another: 'Another protocol',
  keep: (protocol: string) => `Keep ${protocol}`,
  anew: 'Another protocol begins a new definition. Only a name that you chose stays.',
  tested: 'Tested against',
  open: 'Not claimed',
  unproven: 'Not proven',
  proven: 'Tested',
  settings: 'Settings',
  more: (count: number) => `More settings (${number.format(count)})`,
  name: 'Name',
  nameHelp: 'Lower-case letters, digits and hyphens. Flows and devices use it. You cannot change it later.',
  labelOf,
  help: (field: FormField) => [field.help ?? '', limitsOf(field)].filter((text) => text !== '').join(' '),
  secretHelp: 'The name of a secret. Set secrets in the settings.',
  structureHelp: 'Several values, such as { a: 1, b: 2 }.',
  fallback: ({ fallback, kind }: FormField) => {
    if (fallback === undefined) return 'not set'
    return `${kind === 'switch' ? switchText(fallback) : fallback} (default)`
  },
  switchText,
  chooseKind: 'Choose …',
  part: (part: string, of: string | undefined) => (of === undefined ? part : `${part}: ${of}`),
  tags: 'Tags',
  group: (index: number) => `Group ${number.format(index + 1)}`,
  groupName: 'Group',
  every: 'Every (ms)',
  addTag: 'Add a tag',
  removeTag: (name: string) => `Remove ${name}`,
  cell: (label: string, tag: string) => `${label} of ${tag}`,
  remove: 'Remove',
  restHint: 'Set other fields of a tag, such as offset or deadband, in the definition below.',
  more200: (count: number) =>
    `The table shows the first ${number.format(200)} of ${number.format(count)} tags. Change the others in the definition, or by a CSV file.`,
  broken: 'The form appears again when the definition below is a correct YAML mapping.',
  same: 'Form and definition are the same: a change in one appears in the other.',
} as const
