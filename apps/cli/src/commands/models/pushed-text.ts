/** Pushed text: the answer to a push in the terminal, with the parts of it that were not recorded. */
import type { NotRecorded, PushReply } from '@skerry/contract/models/model'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'
import { versionText } from './model-view.ts'

type Words = {
  /** The reason why the version is the earlier one, such as `has the same files already`. */
  same: string
  /** A golden case, in the words of the kind. */
  golden: string
}

/** The version that a push made or found. */
export function pushedText({ created, version, notRecorded }: PushReply, words: Words, style: Style): string {
  const name = `${version.name}:${version.version}`
  if (!created)
    return notRecordedText(`nothing changed: ${name} ${words.same}`, { name, parts: notRecorded ?? [] }, style)
  const golden = version.goldenCases === 0 ? '' : `, with ${countText(version.goldenCases, words.golden)}`
  return `${style.green('pushed')} ${name}${golden}\n\n${versionText(version, style)}`
}

function notRecordedText(
  first: string,
  { name, parts }: { name: string; parts: readonly NotRecorded[] },
  style: Style,
): string {
  if (parts.length === 0) return first
  const table = tableOf(
    style,
    ['NOT RECORDED', 'NAME', 'THIS PUSH', 'THE VERSION HAS'],
    parts.map(({ part, name: what, given, recorded }) => [
      part,
      what,
      shown(part, given),
      recorded && shown(part, recorded),
    ]),
    '',
  )
  return `${first}\n\n${table}\n\n${nextSteps(name, parts).join('\n')}`
}

/** A line of a table; the whole text is in the JSON form. */
const VALUE_SHOWN = 60

function shown(part: NotRecorded['part'], value: string): string {
  if (part === 'alias') return `version ${value}`
  return value.length > VALUE_SHOWN ? `${value.slice(0, VALUE_SHOWN)}…` : value
}

function nextSteps(name: string, parts: readonly NotRecorded[]): string[] {
  const fixed = parts.some(({ part }) => part === 'label' || part === 'lineage')
  const aliases = parts.filter(({ part }) => part === 'alias')
  return [
    ...(fixed ? ['labels and lineage never change after the first push; they need a version with other files'] : []),
    ...aliases.map((alias) => `to move the alias: skerry model alias ${name} ${alias.name}`),
    ...(parts.some(({ part }) => part === 'signature')
      ? [`to add the signature: skerry model sign ${name} --signature FILE`]
      : []),
  ]
}
