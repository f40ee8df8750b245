import { setTimeout as sleep } from 'node:timers/promises'
import { CommitHash } from '@skerry/contract/git-sources/git-source'
import { command, fits, value } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { GIT_SOURCE, outcomeText } from './git-source-view.ts'

/** The hub gives a synchronisation five minutes. */
const WAIT_MS_MAX = 330_000

const LOOK_MS = 500

export const syncGitSource = command({
  name: 'git-source sync',
  summary: 'Synchronise a Git source now, and wait for the outcome',
  details:
    'A commit that takes a model from devices, or that rewrites the history, waits until a person accepts it with --accept. The same option ' +
    'applies a drifted commit again.',
  examples: [
    'skerry git-source sync fleet',
    'skerry git-source sync fleet --accept 3f2c9d4b8a716e5f0d9c8b7a6f5e4d3c2b1a0f9e',
  ],
  arguments: { name: GIT_SOURCE },
  options: { accept: value('--accept <commit>', 'whole hash of a commit whose effects you accept', fits(CommitHash)) },
  async run({ name, accept }, session) {
    const { client } = await session.hub()
    const { signal } = session
    let source = await client.gitSource.sync({ name, ...(accept !== undefined && { accept }) }, { signal })
    const checkedAtMs = source.checkedAtMs ?? 0
    const endMs = session.io.nowMs() + WAIT_MS_MAX
    // The hub sets the time of the next look when one has ended, so a look that was under way does not count.
    while ((source.checkedAtMs ?? 0) <= checkedAtMs || source.nextAtMs <= (source.checkedAtMs ?? 0)) {
      if (session.io.nowMs() > endMs) throw fail('git_sync_unfinished', `the hub has not synchronised ${name} yet`)
      await sleep(LOOK_MS, undefined, { signal })
      source = await client.gitSource.get({ name }, { signal })
    }
    if (source.state === 'failed')
      throw fail('git_sync_failed', `${source.problem?.code ?? name}: ${source.problem?.message ?? 'it failed'}`)
    session.print({ json: source, text: () => outcomeText(source) })
  },
})
