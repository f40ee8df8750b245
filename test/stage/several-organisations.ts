/** Several organisations: somebody who belongs to two of a hub, for tests. */
import { otherOrganisation } from '../../apps/hub/test/stage/other-organisation.ts'
import { joinPerson, newPerson } from '../../apps/hub/test/stage/person.ts'
import type { TestHub } from '../../apps/hub/test/stage/running-hub.ts'

/** An editor of `default`, and a viewer of the other; gives the key of that one's owner. */
export async function personOfTwo(hub: TestHub, email: string, other: string): Promise<string> {
  const key = await otherOrganisation(hub, other)
  await newPerson(hub, email, 'editor')
  const { body } = await hub.ask<{ link: string }>('POST', '/v1/invitations', { body: { role: 'viewer' }, key })
  await joinPerson(hub, email, body.link.split('#invitation=')[1] ?? '')
  return key
}
