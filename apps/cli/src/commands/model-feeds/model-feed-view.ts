/** Model feed view: feeds, their last versions and their problems as text. */
import type { ModelFeed } from '@skerry/contract/model-feeds/model-feed'
import { Name } from '@skerry/contract/values/names'
import { fits, required } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'

export const MODEL_FEED = required('<model-feed>', 'name of the model feed', fits(Name))

export const modelFeedsTable = (feeds: readonly ModelFeed[], style: Style): string =>
  tableOf(
    style,
    ['NAME', 'STATE', 'VERSION', 'PLACE', { wide: 'CHECKED' }, { wide: 'NEXT' }],
    feeds.map((feed) => [
      feed.name,
      feed.state,
      versionText(feed) ?? '',
      feed.spec.place,
      feed.checkedAtMs === undefined ? '' : instantText(feed.checkedAtMs),
      feed.state === 'paused' ? '' : instantText(feed.nextAtMs),
    ]),
    'no model feeds yet; import a model again and again with "skerry model-feed set"',
  )

const versionText = ({ spec, imported }: ModelFeed): string | undefined =>
  imported && `${spec.model}:${imported.version}`

export function modelFeedText(feed: ModelFeed, style: Style): string {
  const { name, spec, state, imported, paused, problem, checkedAtMs, nextAtMs, hasToken } = feed
  const facts = factsOf(style, [
    ['name', name],
    ['state', state],
    ['place', spec.place],
    ['server', spec.server],
    ['file', spec.file],
    ['model', spec.model],
    ['aliases', spec.aliases.map((alias) => `@${alias}`).join(', ') || 'none'],
    ['token', hasToken ? 'set' : 'none'],
    ['every', `${spec.intervalSeconds} s`],
    ['imported', imported && `${versionText(feed)} at ${instantText(imported.atMs)}`],
    ['revision', imported?.revision],
    ['paused', paused && `by ${paused.by} at ${instantText(paused.atMs)}: ${paused.reason}`],
    ['checked', checkedAtMs === undefined ? 'not yet' : instantText(checkedAtMs)],
    ['next check', state === 'paused' ? undefined : instantText(nextAtMs)],
  ])
  const trouble = problem && style.red(`${problem.code} since ${instantText(problem.sinceMs)}: ${problem.message}`)
  return [facts, trouble].filter((part) => part !== undefined).join('\n\n')
}

/** One line about the outcome of a check. */
export function checkedText(feed: ModelFeed): string {
  const words: Record<ModelFeed['state'], string> = {
    new: 'is not checked yet',
    current: `is current at ${versionText(feed)}`,
    paused: 'is paused',
    failed: `failed: ${feed.problem?.message ?? ''}`,
  }
  return `${feed.name} ${words[feed.state]}`
}
