/** Token text: the number of devices that a join token admits, and the end of its time. */
import type { JoinToken } from '@skerry/contract/joining/join'
import { instantText } from '../../../program/terminal/words.ts'

/** Such as `The token tok_… joins one device, until 2026-11-30 20:31:58Z. For more devices, add --uses 10.` */
export function tokenText({ id, usesMax, expiresAtMs }: Pick<JoinToken, 'id' | 'usesMax' | 'expiresAtMs'>): string {
  const until = `until ${instantText(expiresAtMs)}`
  if (usesMax > 1) return `The token ${id} joins ${usesMax} devices, ${until}.`
  return `The token ${id} joins one device, ${until}. A token for more devices needs --uses, such as --uses 10.`
}
