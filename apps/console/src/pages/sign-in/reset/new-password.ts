/** New password: what is wrong with one, in words, before the hub is asked. */
import { Password } from '@skerry/contract/people/user'
import { isWeakPassword } from '@skerry/core/people/password-strength'
import { doorTexts } from '../english-door.ts'

const words = doorTexts.newPassword

/** Undefined where nothing is. */
export function passwordFlaw(password: string, who: { email: string; name: string }): string | undefined {
  if (!Password.safeParse(password).success) return password.length < 12 ? words.short(password.length) : words.long
  return isWeakPassword(password, who) ? words.weak : undefined
}
