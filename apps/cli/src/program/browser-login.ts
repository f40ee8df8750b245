/** Browser login: a person agrees in the console, on whatever machine has a browser, and this one gets a key (after RFC 8628). */
import { hostname, userInfo } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, type SkerryClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import { fail } from './failure.ts'
import type { Session } from './session.ts'

type Wish = { expiresInSeconds: number | undefined; organisation: string | undefined; opensBrowser: boolean }

/** The key, or a failure that says why there is none. */
export async function keyByBrowser(hub: string, wish: Wish, session: Session): Promise<string> {
  const client = createClient({ hub })
  const { io, signal, style } = session
  const asked = await client.account.beginLogin(
    { device: deviceName(), expiresInSeconds: wish.expiresInSeconds, organisation: wish.organisation },
    { signal },
  )
  // On stderr whatever is asked for: without it nobody could go on.
  io.stderr.write(
    `Sign in with a browser, on this machine or another, and check that it shows this code:\n\n  ${style.bold(asked.code)}\n  ${asked.url}\n\n`,
  )
  if (wish.opensBrowser) io.openLink(asked.url)
  io.stderr.write(`${style.dim('Waiting for at most ten minutes; Ctrl-C stops ...')}\n`)
  const limit = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1_000, asked.expiresAtMs - io.nowMs()))])
  return collect(client, asked, limit)
}

async function collect(
  client: SkerryClient,
  { secret, pollMs }: { secret: string; pollMs: number },
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    try {
      return (await client.account.collectLogin({ secret }, { signal })).secret
    } catch (error) {
      const { code, status } = problemOf(error)
      if (code === 'login_refused') throw fail('login_refused', 'nobody agreed to the login')
      // A hub that is restarted in between still knows.
      if (code !== 'login_pending' && status !== undefined && status < 500 && status !== 429) throw error
    }
    await sleep(pollMs, undefined, { signal }).catch((error: unknown) => {
      if (signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError') {
        throw fail('login_refused', 'nobody agreed to the login within ten minutes')
      }
      throw error
    })
  }
}

/** As the person who is asked knows it. */
function deviceName(): string {
  try {
    return `${userInfo().username} on ${hostname()}`.slice(0, 63)
  } catch {
    // A user without a name, as in some containers.
    return hostname().slice(0, 63)
  }
}
