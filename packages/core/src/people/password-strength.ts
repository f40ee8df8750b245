/** Password strength: refuses what is guessed first. Length is the contract's; everything else is better left to people [NIST SP 800-63B]. */

/** `aaaabbbbaaaa` is long, and nothing. */
const DISTINCT_MIN = 5

/** Shorter words are in every sentence. */
const WORD_MIN = 3

/** What stands alone in every list of guesses. */
const COMMON = [
  'password',
  'passwort',
  'qwertyuiop',
  'qwertzuiop',
  '1234567890',
  'letmein',
  'welcome',
  'changeme',
  'skerry',
]

/** Whether somebody who knows the person would come to it soon. */
export function isWeakPassword(password: string, { email, name }: { email: string; name: string }): boolean {
  const typed = password.toLowerCase()
  if (new Set(typed).size < DISTINCT_MIN) return true
  const known = [...email.toLowerCase().split(/[^\p{L}\p{N}]+/u), ...name.toLowerCase().split(/\s+/)]
  const words = [...COMMON, ...known].filter((word) => word.length >= WORD_MIN)
  const rest = words.toSorted((a, b) => b.length - a.length).reduce((left, word) => left.replaceAll(word, ''), typed)
  // What is left has to be a password by itself.
  return rest !== typed && (rest.length < 8 || new Set(rest).size < DISTINCT_MIN)
}
