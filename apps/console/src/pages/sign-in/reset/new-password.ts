/** New password: the error of a password, in words, before it goes to the hub. */
import { Password } from '@skerry/contract/people/user'
import { isWeakPassword } from '@skerry/core/people/password-strength'
import { doorTexts } from '../english-door.ts'

const words = doorTexts.newPassword

/** Undefined if the password has no error. */
export function passwordFlaw(password: string, who: { email: string; name: string }): string | undefined {
  if (!Password.safeParse(password).success) return password.length < 12 ? words.short(password.length) : words.long
  return isWeakPassword(password, who) ? words.weak : undefined
}
