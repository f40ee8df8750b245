/** Connection setting: sets a source or a sink from a file at the hub, or prints the effect of that. */
import type { CallContext } from '@skerry/client/client'
import type {
  Connection,
  ConnectionKind,
  ConnectionPlan,
  ConnectionScope,
  ConnectionSpec,
} from '@skerry/contract/connections/connection'
import { connectionTag } from '@skerry/contract/values/entity-tag'
import { exitCodes, Failure } from '../../program/failure.ts'
import type { Hub, Session } from '../../program/session.ts'
import { countText } from '../../program/terminal/words.ts'
import { connectionMissing, ELSEWHERE_MAX, type OptionOf, placeText } from './connection-place.ts'

export type Setting = {
  kind: ConnectionKind
  spec: ConnectionSpec
  scope: ConnectionScope
  isDryRun: boolean
  precondition(name: string): Promise<CallContext>
}

type Sought = {
  kind: ConnectionKind
  name: string
  scope: ConnectionScope
  /** The option of the command that chooses a scope, if it is not the usual one. */
  optionOf?: OptionOf | undefined
}

/** The connection of this name in the scope. If there is none, the failure names the scopes that have one. */
export async function connectionNamed({ client }: Hub, sought: Sought, { signal }: Session): Promise<Connection> {
  const { kind, name, scope, optionOf } = sought
  const { rows } = await client[kind].list({ scope, name, limit: 1 }, { signal })
  const [found] = rows
  if (found) return found
  const elsewhere = await client[kind].list({ name, limit: ELSEWHERE_MAX }, { signal })
  throw connectionMissing(
    sought,
    elsewhere.rows.map((row) => row.scope),
    optionOf,
  )
}

/** For a new connection: the scope must have none of the name. The precondition holds if two people add at once. */
export async function refuseTaken({ kind, name, scope }: Sought, session: Session): Promise<void> {
  const { client } = await session.hub()
  const { rows } = await client[kind].list({ scope, name, limit: 1 }, { signal: session.signal })
  if (rows.length === 0) return
  throw new Failure({
    code: 'revision_stale',
    message: `there is already a ${kind} ${name} ${placeText(scope)}`,
    next: `change it with "skerry ${kind} set", or choose another name`,
    exitCode: exitCodes.failed,
  })
}

export const ifNew: Setting['precondition'] = async () => ({ ifNoneMatch: '*' })

/** Succeeds only if the connection has this version now, or if no version is given. */
export const ifVersion =
  (
    { kind, scope, version }: { kind: ConnectionKind; scope: ConnectionScope; version: number | undefined },
    session: Session,
  ): Setting['precondition'] =>
  async (name) => {
    if (version === undefined) return {}
    const { id } = await connectionNamed(await session.hub(), { kind, name, scope }, session)
    return { ifMatch: connectionTag({ id, version }) }
  }

export async function setConnection(
  { kind, spec, scope, isDryRun, precondition }: Setting,
  session: Session,
): Promise<void> {
  const { name } = spec
  const { client } = await session.hub()
  const { signal } = session
  if (isDryRun) {
    const plan = await client[kind].plan({ name, scope, spec }, { signal })
    return session.print({ json: plan, text: () => planText({ name, scope }, plan) })
  }
  const set = await client[kind].set({ name, scope, spec }, { signal, context: await precondition(name) })
  session.print({ json: set, text: () => setLine(set) })
}

export const setLine = ({ change, connection }: { change: keyof typeof WORDS; connection: Connection }) =>
  `${WORDS[change]} ${lineOf(connection)}`

const WORDS = { created: 'set', changed: 'changed', unchanged: 'unchanged:' } as const

const lineOf = ({ name, scope, version, tags }: Connection) =>
  [`${name} of ${scope}`, `version ${version}`, ...(tags === undefined ? [] : [countText(tags, 'tag')])].join(', ')

export function planText({ name, scope }: { name: string; scope: string }, plan: ConnectionPlan): string {
  const { change, version, devices, overridden } = plan
  const verb = { created: 'would be set', changed: 'would change', unchanged: 'would not change' }[change]
  return [
    `${name} of ${scope} ${verb}, version ${version}`,
    `applies to ${countText(devices.count, 'device')}${namesText(devices)}`,
    ...(overridden.count > 0
      ? [`a more specific one applies to ${countText(overridden.count, 'device')}${namesText(overridden)}`]
      : []),
  ].join('\n')
}

function namesText({ count, names }: ConnectionPlan['devices']): string {
  const more = count > names.length ? ', …' : ''
  return names.length === 0 ? '' : `: ${names.join(', ')}${more}`
}
