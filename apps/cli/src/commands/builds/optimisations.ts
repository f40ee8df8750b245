/** The commands on optimisations, which `model optimise` starts. */
import { allRows } from '@skerry/client/page'
import { OptimisationId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import { command, fits, flag, required, value } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText } from '../../program/terminal/words.ts'
import { optimisationText } from './build-view.ts'
import { watchOptimisation } from './optimisation-watch.ts'

const OPTIMISATION = required('<optimisation>', 'the id of an optimisation', fits(OptimisationId))

export const listOptimisations = command({
  name: 'optimisation ls',
  summary: 'List optimisations, newest first',
  examples: ['skerry optimisation ls', 'skerry optimisation ls --model reader'],
  arguments: {},
  options: { name: value('--model <name>', 'only those of this model', fits(Name)) },
  async run({ name }, session) {
    const { client } = await session.hub()
    const rows = await allRows((page) => client.optimisation.list({ ...page, name }, { signal: session.signal }))
    const cells = rows.map(({ id, name, version, status, results, createdAtMs, createdBy }) => [
      id,
      `${name}:${version}`,
      status,
      `${results.filter(({ outcome }) => outcome === 'admitted').length} of ${results.length}`,
      agoText(createdAtMs, session.io.nowMs()),
      createdBy,
    ])
    const heads = ['OPTIMISATION', 'MODEL', 'STATUS', 'ADMITTED', 'STARTED', 'BY']
    session.print({ json: rows, text: () => tableOf(session.style, heads, cells, 'no optimisations yet') })
  },
})

export const showOptimisation = command({
  name: 'optimisation show',
  summary: 'Show an optimisation, with the result of each recipe',
  examples: ['skerry optimisation show opt_abcdefgh234567', 'skerry optimisation show opt_abcdefgh234567 --watch'],
  arguments: { optimisation: OPTIMISATION },
  options: { isWatched: flag('--watch', 'watch it until it ends') },
  async run({ optimisation: id, isWatched }, session) {
    const { client } = await session.hub()
    if (isWatched) return watchOptimisation(client, id, session)
    const found = await client.optimisation.get({ optimisation: id }, { signal: session.signal })
    session.print({ json: found, text: () => optimisationText(found, session.style) })
  },
})

export const cancelOptimisation = command({
  name: 'optimisation cancel',
  summary: 'End an optimisation; the builds that it has made stay',
  examples: ['skerry optimisation cancel opt_abcdefgh234567'],
  arguments: { optimisation: OPTIMISATION },
  options: {},
  async run({ optimisation: id }, session) {
    const { client } = await session.hub()
    const ended = await client.optimisation.cancel({ optimisation: id }, { signal: session.signal })
    session.print({ json: ended, text: () => optimisationText(ended, session.style) })
  },
})
