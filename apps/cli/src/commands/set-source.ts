/** `skerry source add` and `skerry source set` */
import type { CallContext } from '@skerry/client/client'
import type { Connection, ConnectionPlan, ConnectionScope } from '@skerry/contract/connection'
import { connectionTag } from '@skerry/contract/entity-tag'
import { command, flag, required, value } from '../command.ts'
import type { Session } from '../session.ts'
import { SCOPE, sourceNamed, writtenSource } from '../source-reference.ts'
import { parseLimit } from '../values.ts'
import { countText } from '../words.ts'

const FILE = required('<file>', 'YAML of one source', String)
const DRY_RUN = flag('--dry-run', 'say which devices it would reach, and change nothing')

const DETAILS =
  'Of several sources of one name the most specific counts on a device: its own, its site’s, the organisation’s. A device runs it within ' +
  'seconds, or when it connects, and goes on with it while the hub is away. Where a password would stand, the file names a secret. '

export const addSource = command({
  name: 'source add',
  summary: 'Set a source that is not there yet, for the organisation, a site or a device',
  details: `${DETAILS}Refused where the scope has one of the name.`,
  examples: ['skerry source add press-7.yaml --scope site:rotterdam', 'skerry source add press-7.yaml --dry-run'],
  arguments: { file: FILE },
  options: { scope: SCOPE, isDryRun: DRY_RUN },
  run: ({ file, scope, isDryRun }, session) =>
    setSourceAt({ file, scope, isDryRun, precondition: async () => ({ ifNoneMatch: '*' as const }) }, session),
})

export const setSource = command({
  name: 'source set',
  summary: 'Set a source for the organisation, a site or a device, or change it',
  details: DETAILS,
  examples: [
    'skerry source set press-7.yaml --scope site:rotterdam --dry-run',
    'skerry source set press-7.yaml --scope site:rotterdam --if-version 3',
  ],
  arguments: { file: FILE },
  options: {
    scope: SCOPE,
    isDryRun: DRY_RUN,
    version: value('--if-version <version>', 'only where this is its version now', parseLimit),
  },
  run: ({ file, scope, isDryRun, version }, session) => {
    const precondition = async (name: string): Promise<CallContext> => {
      if (version === undefined) return {}
      const { id } = await sourceNamed(await session.hub(), { name, scope }, session)
      return { ifMatch: connectionTag({ id, version }) }
    }
    return setSourceAt({ file, scope, isDryRun, precondition }, session)
  },
})

type Setting = {
  file: string
  scope: ConnectionScope
  isDryRun: boolean
  precondition(name: string): Promise<CallContext>
}

async function setSourceAt({ file, scope, isDryRun, precondition }: Setting, session: Session): Promise<void> {
  const spec = await writtenSource(file)
  const { name } = spec
  const { client } = await session.hub()
  const { signal } = session
  if (isDryRun) {
    const plan = await client.source.plan({ name, scope, spec }, { signal })
    return session.print({ json: plan, text: () => planText({ name, scope }, plan) })
  }
  const set = await client.source.set({ name, scope, spec }, { signal, context: await precondition(name) })
  session.print({ json: set, text: () => `${WORDS[set.change]} ${lineOf(set.connection)}` })
}

const WORDS = { created: 'set', changed: 'changed', unchanged: 'unchanged:' } as const

const lineOf = ({ name, scope, version, tags = 0 }: Connection) =>
  `${name} of ${scope}, version ${version}, ${countText(tags, 'tag')}`

function planText({ name, scope }: { name: string; scope: string }, plan: ConnectionPlan): string {
  const { change, version, devices, overridden } = plan
  const verb = { created: 'would be set', changed: 'would change', unchanged: 'would stay as it is' }[change]
  return [
    `${name} of ${scope} ${verb}, version ${version}`,
    `counts on ${countText(devices.count, 'device')}${namesText(devices)}`,
    ...(overridden.count > 0
      ? [`something more specific counts on ${countText(overridden.count, 'device')}${namesText(overridden)}`]
      : []),
  ].join('\n')
}

function namesText({ count, names }: ConnectionPlan['devices']): string {
  const more = count > names.length ? ', …' : ''
  return names.length === 0 ? '' : `: ${names.join(', ')}${more}`
}
