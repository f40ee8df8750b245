/** Connection setting: sets what a file says of a source or a sink at the hub, or says what that would do. */
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

export type Setting = {
  kind: ConnectionKind
  spec: ConnectionSpec
  scope: ConnectionScope
  isDryRun: boolean
  precondition(name: string): Promise<CallContext>
}

/** The one of its name that the scope has. */
export async function connectionNamed(
  { client }: Hub,
  { kind, name, scope }: { kind: ConnectionKind; name: string; scope: ConnectionScope },
  { signal }: Session,
): Promise<Connection> {
  const { rows } = await client[kind].list({ scope, name, limit: 1 }, { signal })
  const [found] = rows
  if (found) return found
  const next = `"skerry ${kind} ls" lists them`
  throw new Failure({
    code: 'connection_unknown',
    message: `${scope} has no ${kind} ${name}`,
    next,
    exitCode: exitCodes.failed,
  })
}

/** Only where it has this version now; always, where none is given. */
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

/** What was done. */
export const setLine = ({ change, connection }: { change: keyof typeof WORDS; connection: Connection }) =>
  `${WORDS[change]} ${lineOf(connection)}`

const WORDS = { created: 'set', changed: 'changed', unchanged: 'unchanged:' } as const

const lineOf = ({ name, scope, version, tags }: Connection) =>
  [`${name} of ${scope}`, `version ${version}`, ...(tags === undefined ? [] : [countText(tags, 'tag')])].join(', ')

/** What would be done. */
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
