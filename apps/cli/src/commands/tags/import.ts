import { type TagChange, tagChanges } from '@skerry/core/tags/tag-changes'
import { tagRowsOf } from '@skerry/core/tags/tag-rows'
import { command, flag, required } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'
import { readTagFile, withTags } from './tag-file.ts'
import { openTarget, TARGET } from './tag-target.ts'

/** A person sees this many changes. Programs get all of them. */
const SHOWN_MAX = 50

/** The length of an old or a new value in a change. */
const CHARACTERS_MAX = 30

export const importTags = command({
  name: 'tag import',
  summary: 'Replace the tags of a source by those of a CSV file',
  details:
    'A line for each tag, with the columns group, everyMs and name, and one for each other setting of the protocol; "skerry tag ' +
    'export" writes such a file. Tags that are not in the file are removed after your confirmation. The rest of the source stays. At the hub ' +
    'it is set as with "skerry source set", and only if nobody else changed it meanwhile.',
  examples: [
    'skerry tag import press-7.csv --source press-7 --site rotterdam --dry-run',
    'skerry tag import press-7.csv --file press-7.yaml',
  ],
  arguments: { csv: required('<csv>', 'CSV of the tags', String) },
  options: {
    ...TARGET,
    isDryRun: flag('--dry-run', 'show the tags to add, change and remove, and the affected devices'),
    isAgreed: flag('-y, --yes', 'do not ask'),
  },
  async run({ csv, isDryRun, isAgreed, ...reference }, session) {
    const file = await readTagFile(csv)
    const target = await openTarget(reference, session)
    const next = await withTags(target.spec, file)
    const changes = tagChanges(target.spec, next)
    const removed = changes.filter(({ change }) => change === 'removed').length
    if (removed > 0 && !isDryRun)
      await session.confirm(`remove ${countText(removed, 'tag')} of ${target.spec.name}`, isAgreed)
    const done = await (isDryRun ? target.plan(next) : target.set(next))
    const total = tagRowsOf(next).length
    session.print({
      json: { tags: total, changes, [isDryRun ? 'plan' : 'set']: done.json },
      text: () => [changesText(changes, total, session.style), done.text()].join('\n\n'),
    })
  },
})

function changesText(changes: readonly TagChange[], total: number, style: Style): string {
  const of = (kind: TagChange['change']) => changes.filter(({ change }) => change === kind).length
  const added = of('added')
  const changed = of('changed')
  const removed = of('removed')
  const head = `${countText(total, 'tag')}: ${added} added, ${changed} changed, ${total - added - changed} as before; ${removed} removed`
  if (changes.length === 0) return head
  const rows = changes
    .slice(0, SHOWN_MAX)
    .map((change) => [change.change, change.tag, change.group, change.change === 'changed' ? whatText(change) : ''])
  const more = changes.length > SHOWN_MAX ? [`… ${changes.length - SHOWN_MAX} more; --json names all`] : []
  return [head, '', tableOf(style, ['CHANGE', 'TAG', 'GROUP', 'WHAT'], rows, ''), ...more].join('\n')
}

const whatText = ({ fields }: Extract<TagChange, { change: 'changed' }>) =>
  fields.map(({ field, before, after }) => `${field} ${saidText(before)} → ${saidText(after)}`).join(', ')

function saidText(said: unknown): string {
  if (said === undefined) return '-'
  const text = typeof said === 'string' ? said : JSON.stringify(said)
  return text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX)}…` : text
}
