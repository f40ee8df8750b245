/** `skerry audit verify` */
import type { SkerryClient } from '@skerry/client/client'
import { PAGE_LIMIT_MAX } from '@skerry/contract/names'
import { type ChainCheck, checkChain, EMPTY_CHAIN } from '@skerry/core/audit-chain'
import { digestOf } from '@skerry/platform/hash'
import { command } from '../command.ts'
import { fail } from '../failure.ts'
import { countText } from '../words.ts'

export const verifyAudit = command({
  name: 'audit verify',
  summary: 'Walk the audit trail, here and at the hub, and say whether it is unbroken',
  details:
    'Every record is fetched and its hash computed on this machine, so that nobody needs to believe the hub. Who keeps the last hash ' +
    'elsewhere can also prove later that nothing was cut off the end.',
  examples: ['skerry audit verify'],
  arguments: {},
  options: {},
  async run(_input, session) {
    const { client } = await session.hub()
    const hub = await client.audit.verify({}, { signal: session.signal })
    const own = await walk(client, session.signal)
    const broken = own.ok ? hub.broken : { sequence: own.sequence, problem: own.problem }
    const isIntact = own.ok && hub.intact
    const records = own.ok ? own.end.sequence : own.sequence - 1
    const lastHash = own.ok ? own.end.hash : undefined
    session.print({
      json: { intact: isIntact, records, lastHash, broken, hub },
      text: () => (isIntact ? `the trail is unbroken: ${countText(records, 'record')}, the last with ${lastHash}` : ''),
    })
    if (isIntact) return
    const where = broken ? `at record ${broken.sequence}: ${broken.problem}` : 'the hub says, without saying where'
    throw fail('audit_broken', `the trail is broken ${where}`)
  },
})

/** Checks page by page, so that a long trail is never held whole. */
async function walk(client: SkerryClient, signal: AbortSignal): Promise<ChainCheck> {
  let end = EMPTY_CHAIN
  let after: string | undefined
  do {
    const page = await client.audit.list({ limit: PAGE_LIMIT_MAX, after }, { signal })
    const check = checkChain(end, page.rows, digestOf)
    if (!check.ok) return check
    end = check.end
    after = page.next
  } while (after !== undefined)
  return { ok: true, end }
}
