/**
 * Presence: reports to the hub that a person is active. If the organisation wants that, the hub locks the sessions of
 * absent people.
 */
import type { QueryClient } from '@tanstack/react-query'
import { hub } from './hub-client.ts'
import { queries } from './queries.ts'

/** Half of the shortest lock, so that the hub never locks out a person who is working. */
const TOLD_EVERY_MS = 60_000

const SIGNS = ['pointerdown', 'keydown', 'wheel'] as const

/** Runs until the signal fires. A key belongs to no person who could leave. */
export function tellPresence(client: QueryClient, signal: AbortSignal): void {
  let toldAtMs = Date.now()
  const tell = async () => {
    if (Date.now() - toldAtMs < TOLD_EVERY_MS) return
    toldAtMs = Date.now()
    const { kind } = await client.ensureQueryData(queries.me())
    if (kind === 'user') await hub.account.stay({}, { signal })
  }
  // The page's own requests find and show problems with the session or the hub.
  const listen = () => void tell().catch(() => undefined)
  for (const sign of SIGNS) window.addEventListener(sign, listen, { passive: true, capture: true, signal })
}
