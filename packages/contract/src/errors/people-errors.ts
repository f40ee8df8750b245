/** Error codes about people: signing in, their accounts, and what they prove themselves with. Part of the table of errors.ts. */

export const peopleErrors = {
  sign_in_refused: {
    status: 401,
    message:
      'the e-mail address, password or code is wrong, or there were too many wrong attempts; wait, try again, or request a new password',
  },
  second_factor_missing: { status: 401, message: 'also send the code of the authenticator, or a recovery code' },
  second_factor_required: {
    status: 403,
    message: 'the organisation requires a second factor; set one up in the console under "My account"',
  },
  second_factor_exists: { status: 409, message: 'the account has a second factor already; remove it first' },
  session_stale: { status: 403, message: 'this needs a recent sign-in; sign in again, then continue' },
  account_missing: {
    status: 403,
    message: 'this needs the account of a person, and an API key has none; sign in with e-mail address and password',
  },
  membership_missing: {
    status: 403,
    message:
      'you do not belong to an organisation of this name; "skerry org mine" lists yours, as does the menu at its name in the console',
  },
  organisation_switched: {
    status: 409,
    message:
      'this browser has switched to another organisation since the page was opened; continue there, or switch back',
  },
  session_bound: {
    status: 403,
    message:
      'this session began with the single sign-on of one organisation and is valid there only; sign in with your password or a passkey to switch to another organisation, or to change passkeys and providers',
  },
  password_weak: {
    status: 422,
    message: 'the password contains the name or the address, or is too simple; choose another',
  },
  reset_refused: { status: 403, message: 'the link is unknown, used or too old; request a new one' },
  mail_missing: {
    status: 409,
    message: 'this hub sends no e-mail; ask an owner for a new invitation, or start the hub with --smtp-url',
  },
  invitation_refused: {
    status: 403,
    message: 'the invitation is unknown, used up, revoked, too old, or for another address; ask for a new one',
  },
  passkey_unavailable: {
    status: 409,
    message:
      'passkeys belong to a host name, and the address of this hub is a number; start the hub with --public-url https://NAME',
  },
  passkey_refused: {
    status: 403,
    message: 'the passkey is unknown, or its answer is for another page, used, or too old; start again',
  },
  passkey_unknown: { status: 404, message: 'you have no such passkey; "My account" lists yours' },
  passkey_exists: { status: 409, message: 'the hub knows this passkey already; there is nothing to add' },
  passkeys_full: { status: 409, message: 'an account has at most twenty passkeys; remove one first' },
  sign_in_last: {
    status: 409,
    message: 'this is your last way to sign in; first add a passkey, or choose a password with "Forgot your password?"',
  },
  login_unknown: {
    status: 404,
    message: 'no command line waits with this code; compare it with the terminal, or start again',
  },
  login_pending: { status: 409, message: 'nobody has answered yet; send the request again in two seconds' },
  login_refused: { status: 403, message: 'a person rejected the login, or nobody agreed in time; start again' },
  provider_unknown: { status: 404, message: 'this hub has no such sign-in provider' },
  provider_unreachable: { status: 502, message: 'the provider does not answer correctly; try again shortly' },
  provider_refused: {
    status: 403,
    message: 'the answer of the provider is for another browser, too old, used or not trusted; start again',
  },
  provider_unlinked: {
    status: 409,
    message: 'an account with this address exists; sign in to it, and add the provider under "My account"',
  },
  person_refused: {
    status: 403,
    message: 'the provider knows you, but you are not a member here; ask the operator of this hub',
  },
} as const satisfies Record<string, { status: number; message: string }>
