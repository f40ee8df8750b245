import { AccessKind, AccessPath } from '@skerry/contract/access/access'
import { command, fits, flag, list, usually, value } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { instantText } from '../../program/terminal/words.ts'
import { parseDuration } from '../../program/values.ts'
import { DEVICE } from './access-options.ts'
import { coverText } from './access-view.ts'
import { parseTarget } from './target.ts'

export const requestAccess = command({
  name: 'access request',
  summary: 'Get a grant: the right to reach one device for a while, for a reason',
  details:
    'The device must allow it too: its agent is started with --allow-remote. If the organisation wants two people for access, another person approves the request, and you repeat it.',
  examples: [
    'skerry access request press-1 --kind shell --reason "the camera is dark"',
    'skerry access request press-1 --port 8080 --port 192.168.7.5:80 --for 2h --reason "set up the PLC"',
  ],
  arguments: { device: DEVICE },
  options: {
    kinds: list('--kind <kind>', `one of ${AccessKind.options.join(', ')}`, fits(AccessKind)),
    targets: list('--port <port>', 'a port of the device, or ADDRESS:PORT behind it', parseTarget),
    path: value('--path <folder>', 'the folder for files', fits(AccessPath)),
    isModerated: flag('--moderated', 'another person must watch the terminal; for shell alone'),
    seconds: usually('--for <duration>', '1h', 'how long, 8h at most', parseDuration),
    reason: REASON,
  },
  async run({ device, kinds, targets, path, isModerated, seconds, reason }, session) {
    const { client } = await session.hub()
    const all = new Set<AccessKind>([...kinds, ...(targets.length > 0 ? ['port' as const] : [])])
    if (path !== undefined) all.add('file')
    const extras = { ...(path !== undefined && { path }), ...(isModerated && { isModerated }) }
    const wish = { device, kinds: [...all], targets, seconds, reason, ...extras }
    const grant = await client.access.request(wish, { signal: session.signal })
    const text = () => `${grant.id}: ${coverText(grant)} on ${grant.device} until ${instantText(grant.expiresAtMs)}`
    session.print({ json: grant, text })
  },
})
