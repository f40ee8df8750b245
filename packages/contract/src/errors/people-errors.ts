/** Error codes about people: signing in, their accounts, and what they prove themselves with. Part of the table of errors.ts. */

export const peopleErrors = {
  sign_in_refused: {
    status: 401,
    message:
      'e-mail address, password or code is wrong, or there were too many wrong ones; wait, try again, or ask for a new password',
  },
  second_factor_missing: { status: 401, message: 'send the code of the authenticator, or a recovery code, as well' },
  second_factor_required: {
    status: 403,
    message: 'the organisation asks for a second factor; set one up in the console under "My account"',
  },
  second_factor_exists: { status: 409, message: 'there is a second factor already; remove it first' },
  session_stale: { status: 403, message: 'this needs somebody who has just signed in; sign in again, then go on' },
  account_missing: { status: 403, message: 'this is for people; sign in with e-mail address and password' },
  membership_missing: {
    status: 403,
    message:
      'you do not belong to an organisation of this name; the menu at its name in the console, and "skerry org mine", list yours',
  },
  organisation_switched: {
    status: 409,
    message: 'this browser has gone to another organisation since the page was opened; go on there, or switch back',
  },
  session_bound: {
    status: 403,
    message:
      'this session was begun with the single sign-on of one organisation and counts there only; sign in with your password or a passkey to go to another organisation, or to change passkeys and providers',
  },
  password_weak: {
    status: 422,
    message: 'the password holds the name or the address, or is too simple; choose another',
  },
  reset_refused: { status: 403, message: 'the link is unknown, used or too old; ask for another' },
  mail_missing: {
    status: 409,
    message: 'this hub sends no e-mail; an owner can invite you again, or start it with --smtp-url',
  },
  invitation_refused: {
    status: 403,
    message: 'the invitation is unknown, used up, revoked, too old, or for another address; ask for a new one',
  },
  passkey_unavailable: {
    status: 409,
    message:
      'passkeys need a name to belong to, and this hub is reached by a number; start it with --public-url https://NAME',
  },
  passkey_refused: {
    status: 403,
    message: 'the passkey is not known here, or its answer is for another page, used, or too old; begin again',
  },
  passkey_unknown: { status: 404, message: 'no such passkey of yours; "My account" lists them' },
  passkey_exists: { status: 409, message: 'this passkey is known here already; there is nothing to add' },
  passkeys_full: { status: 409, message: 'twenty passkeys are all that one account keeps; remove one first' },
  sign_in_last: {
    status: 409,
    message:
      'you would have no way to sign in any more; add a passkey, or choose a password by "Forgot your password?", first',
  },
  login_unknown: {
    status: 404,
    message: 'no command line asks with this code; see what the terminal shows, or begin again',
  },
  login_pending: { status: 409, message: 'nobody has answered yet; ask again in two seconds' },
  login_refused: { status: 403, message: 'a person has refused, or nobody agreed in time; begin again' },
  provider_unknown: { status: 404, message: 'people do not sign in with this provider here' },
  provider_unreachable: { status: 502, message: 'the provider does not answer as it should; try again shortly' },
  provider_refused: {
    status: 403,
    message: 'the answer of the provider is not for this browser, too old, used, or not to be believed; begin again',
  },
  provider_unlinked: {
    status: 409,
    message: 'there is an account with this address; sign in to it, and add the provider under "My account"',
  },
  person_refused: {
    status: 403,
    message: 'the provider knows you, but you have no place here; ask whoever runs this hub',
  },
} as const satisfies Record<string, { status: number; message: string }>
