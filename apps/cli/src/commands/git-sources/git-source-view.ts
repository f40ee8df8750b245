/** Git source view: sources, their commits and their drift as text. */
import type { GitChange, GitCommit, GitSource } from '@skerry/contract/git-sources/git-source'
import { Name } from '@skerry/contract/values/names'
import { fits, required } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, instantText } from '../../program/terminal/words.ts'
import { paintDiff } from '../deployments/painted-diff.ts'

export const GIT_SOURCE = required('<git-source>', 'name of the Git source', fits(Name))

/** Enough to recognise a commit, as Git shows it. */
const SHORT = 12

export const gitSourcesTable = (sources: readonly GitSource[], style: Style): string =>
  tableOf(
    style,
    ['NAME', 'STATE', 'APPLIED', 'DIFFERS', 'REPOSITORY', 'BRANCH', { wide: 'PATH' }, { wide: 'CHECKED' }],
    sources.map(({ name, state, applied, differing, spec, checkedAtMs }) => [
      name,
      state,
      applied?.hash.slice(0, SHORT) ?? '',
      String(differing),
      spec.url,
      spec.branch,
      spec.path,
      checkedAtMs === undefined ? '' : instantText(checkedAtMs),
    ]),
    'no Git sources yet; follow a repository with "skerry git-source set"',
  )

export function gitSourceText(source: GitSource, style: Style): string {
  const { name, spec, state, head, applied, paused, problem, documents, checkedAtMs, nextAtMs } = source
  const facts = factsOf(style, [
    ['name', name],
    ['state', state],
    ['repository', `${spec.url}, branch ${spec.branch}, path ${spec.path}`],
    ['role', spec.role],
    ['signers', spec.signers.map((signer) => signer.name).join(', ') || 'none: every commit is applied'],
    ['on drift', spec.onDrift],
    ['on leave', spec.onLeave],
    ['token', source.hasToken ? 'set' : 'none'],
    ['webhook', source.hasWebhook ? 'set' : 'none'],
    ['newest commit', head && commitText(head)],
    ['applied', applied && `${applied.hash.slice(0, SHORT)} at ${instantText(applied.atMs)}`],
    ['documents', documents],
    ['left the repository', source.kept.join(', ') || undefined],
    ['paused', paused && `by ${paused.by} at ${instantText(paused.atMs)}: ${paused.reason}`],
    ['checked', checkedAtMs === undefined ? 'not yet' : instantText(checkedAtMs)],
    ['next check', instantText(nextAtMs)],
  ])
  const trouble = problem && style.red(`${problem.code} since ${instantText(problem.sinceMs)}: ${problem.message}`)
  return [facts, trouble, changesText(source, style)].filter((part) => part !== undefined && part !== '').join('\n\n')
}

const commitText = ({ hash, subject, author, signer }: GitCommit) =>
  `${hash.slice(0, SHORT)} "${subject}" by ${author}${signer === undefined ? '' : `, signed by ${signer}`}`

function changesText({ changes, differing }: GitSource, style: Style): string {
  if (differing === 0) return ''
  const more = differing - changes.length
  const rest = more > 0 ? [style.dim(`and ${countText(more, 'more document')}`)] : []
  return [
    `${countText(differing, 'document')} of the commit differ from the hub:`,
    ...changes.map((change) => changeText(change, style)),
    ...rest,
  ].join('\n')
}

const changeText = ({ kind, name, change, diff }: GitChange, style: Style) =>
  `${style.bold(`${kind} ${name}`)} would be ${change === 'create' ? 'created' : 'changed'}\n${paintDiff(diff, style)}`

/** One line about the outcome of a synchronisation. */
export function outcomeText({ name, state, head, applied, differing, problem }: GitSource): string {
  const commit = (head?.hash ?? applied?.hash ?? '').slice(0, SHORT)
  const words: Record<GitSource['state'], string> = {
    new: 'is not synchronised yet',
    current: `is current at ${commit}`,
    drifted: `differs from ${commit} in ${countText(differing, 'document')}; see "skerry git-source show ${name}"`,
    paused: `is paused at ${commit}, and ${countText(differing, 'document')} would change`,
    waiting: `waits: ${problem?.message ?? ''}`,
    failed: `failed: ${problem?.message ?? ''}`,
  }
  return `${name} ${words[state]}`
}
