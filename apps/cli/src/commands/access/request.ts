import { type AccessGrant, AccessKind, AccessPath } from '@skerry/contract/access/access'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { SelectorText } from '@skerry/contract/values/names'
import { command, fits, flag, list, optional, usually, value } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import { REASON } from '../../program/options.ts'
import type { Hub } from '../../program/session.ts'
import { instantText } from '../../program/terminal/words.ts'
import { parseDuration } from '../../program/values.ts'
import { coverText } from './access-view.ts'
import { parseTarget } from './target.ts'

/** A person looks into some devices of one fault. A grant for a fleet is a mistake. */
const DEVICES_MAX = 32

export const requestAccess = command({
  name: 'access request',
  summary: 'Get a grant: the right to reach one device for a while, for a reason',
  details:
    'The device must allow it too: its agent is started with --allow-remote. If the organisation wants two people for access, another person approves the request, and you repeat it.',
  examples: [
    'skerry access request press-1 --kind shell --reason "the camera is dark"',
    `skerry access request --to 'site.name == "hamburg"' --kind logs --reason "why the line stopped"`,
    'skerry access request press-1 --port 8080 --port 192.168.7.5:80 --for 2h --reason "set up the PLC"',
  ],
  arguments: { device: optional('[device]', 'name or id of the device', fits(DeviceReference)) },
  options: {
    to: value(
      '--to <selector>',
      `instead of one device: each of these devices, ${DEVICES_MAX} at most`,
      fits(SelectorText),
    ),
    kinds: list('--kind <kind>', `one of ${AccessKind.options.join(', ')}`, fits(AccessKind)),
    targets: list('--port <port>', 'a port of the device, or ADDRESS:PORT behind it', parseTarget),
    path: value('--path <folder>', 'the folder for files', fits(AccessPath)),
    isModerated: flag('--moderated', 'another person must watch the terminal; for shell alone'),
    seconds: usually('--for <duration>', '1h', 'how long, 8h at most', parseDuration),
    reason: REASON,
  },
  async run({ device, to, kinds, targets, path, isModerated, seconds, reason }, session) {
    const { client } = await session.hub()
    const all = new Set<AccessKind>([...kinds, ...(targets.length > 0 ? ['port' as const] : [])])
    if (path !== undefined) all.add('file')
    const extras = { ...(path !== undefined && { path }), ...(isModerated && { isModerated }) }
    const wish = { kinds: [...all], targets, seconds, reason, ...extras }
    const grants: AccessGrant[] = []
    for (const each of await devicesOf({ device, to }, client, session.signal))
      grants.push(await client.access.request({ device: each, ...wish }, { signal: session.signal }))
    const lineOf = (grant: AccessGrant) =>
      `${grant.id}: ${coverText(grant)} on ${grant.device} until ${instantText(grant.expiresAtMs)}`
    session.print({ json: to === undefined ? grants[0] : grants, text: () => grants.map(lineOf).join('\n') })
  },
})

type Wanted = { device: string | undefined; to: string | undefined }

/** The devices that the selector picks now; a device that matches later gets no grant. */
async function devicesOf({ device, to }: Wanted, client: Hub['client'], signal: AbortSignal): Promise<string[]> {
  if ((device === undefined) === (to === undefined))
    throw wrongUsage('give either a device or --to', 'one grant is for one device')
  if (device !== undefined) return [device]
  const { rows, next } = await client.device.list({ selector: to, limit: DEVICES_MAX }, { signal })
  if (rows.length === 0) throw fail('selector_empty', 'the selector picks no device')
  if (next !== undefined)
    throw fail('selector_too_wide', `the selector picks more than ${DEVICES_MAX} devices; narrow it`)
  return rows.map(({ name }) => name)
}
