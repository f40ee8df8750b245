/** Follow authorities: what a hub does when another authority signs, or one counts no more: shows another certificate, and trusts others. */
import type { Credentials } from '@skerry/platform/certificates/certificate-authority'
import type { Hub } from '../hub.ts'

type FollowHub = Pick<Hub, 'authorities' | 'serverCertificate' | 'bus' | 'log'>

/** Gives the way to stop. */
export function followAuthorities(hub: FollowHub, serveWith: (credentials: Credentials) => void): () => void {
  const { authorities, serverCertificate, bus, log } = hub
  const failed = (error: unknown) => log.error('authorities_unread', { error })
  const stops = [
    authorities.onChange(() => {
      serveWith(serverCertificate.current())
      void serverCertificate.look().catch(failed)
    }),
    ...(['authorities.changed', 'everything.changed'] as const).map((topic) =>
      bus.subscribe(topic, undefined, () => void authorities.reload().catch(failed)),
    ),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
