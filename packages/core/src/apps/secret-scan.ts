/**
 * Secret scan: finds passwords and keys that stand in a Compose file as plain text. Everybody who may read versions
 * could read them, and a signed release cannot be changed.
 */

/** Names whose values are secrets. `PASSWORD_FILE` names a file, which is how it should be. */
const SECRET_NAME =
  /(^|_)(PASS|PASSWD|PASSWORD|PASSPHRASE|PWD|SECRET|TOKEN|APIKEY|API_KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)$/i

/** Values that are secrets under any name. */
const SECRET_VALUES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/, 'an access key of AWS'],
  [/\bgh[pousr]_[A-Za-z0-9]{36}/, 'a token of GitHub'],
  [/\bglpat-[A-Za-z0-9_-]{20}/, 'a token of GitLab'],
  [/\bxox[abprs]-[A-Za-z0-9-]{10}/, 'a token of Slack'],
  [/\bsk_[A-Za-z0-9_-]{20}/, 'an API key'],
  [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/, 'a signed token (JWT)'],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i, 'a URL with a password'],
]

/** The secret in an environment variable, as words in the middle of a sentence; undefined if it has none. */
export function secretInVariable(name: string, value: string): string | undefined {
  const found = secretInText(value)
  if (found !== undefined) return found
  // A path points to a secret, and a short number or flag is none.
  const isHarmless = value === '' || value.startsWith('/') || /^(true|false|\d{1,3})$/i.test(value)
  return SECRET_NAME.test(name) && !isHarmless ? `the value of ${name}` : undefined
}

/** The secret in a word of a command. */
export function secretInText(text: string): string | undefined {
  return SECRET_VALUES.find(([pattern]) => pattern.test(text))?.[1]
}
