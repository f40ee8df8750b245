/**
 * The roots with which a device verifies its hub, and the order to renew its certificate when another authority signs.
 */
import { AUTHORITIES, type AuthoritiesMessage, type HeldAuthorities } from '@skerry/contract/held/authorities'
import { FIRST, noteShown } from '../authorities/authority-store.ts'
import type { LinkConnection } from '../link/link-connection.ts'
import type { HeldDocument, HeldHub } from './held-document.ts'

/** `told`: the last message that the hub sent to the device. */
type Standing = HeldAuthorities & { told?: string }

export const authoritiesHeld: HeldDocument<AuthoritiesMessage, HeldAuthorities, Standing> = {
  kind: AUTHORITIES,
  // The event of the bus comes before the hub has read its authorities again.
  wakes: [],
  follow: ({ authorities }, wakeAll) => authorities.onChange(wakeAll),
  async next(hub, connection, { told, ...held }) {
    await noteIfNews(hub, connection, held)
    const document = messageFor(hub, connection, held)
    const text = JSON.stringify(document)
    const isEmpty = document.roots === undefined && document.renewWithinMs === undefined
    return isEmpty || text === told ? undefined : { document, standing: { ...held, told: text } }
  },
  revision: ({ held }) => held,
  // The device reports when the new roots are on its disk. From then on the hub may order a renewal.
  againMs: 0,
}

function messageFor({ authorities }: HeldHub, { issuer }: LinkConnection, held: HeldAuthorities): AuthoritiesMessage {
  const { id, renewWithinMs } = authorities.active()
  return {
    active: id,
    ...(held.held !== authorities.rootsMark() && { roots: authorities.roots() }),
    ...(issuer !== id && { renewWithinMs }),
  }
}

/**
 * The device shows a certificate of this issuer and has the roots on its disk. So an earlier authority can be retired
 * without cutting the device off.
 */
async function noteIfNews(hub: HeldHub, connection: LinkConnection, { held }: HeldAuthorities): Promise<void> {
  const { issuer, deviceId } = connection
  if (issuer === undefined || held !== hub.authorities.rootsMark()) return
  if ((connection.shown ?? FIRST) === issuer) return
  await hub.store.transaction((tx) => noteShown(tx, deviceId, issuer))
  connection.shown = issuer
}
