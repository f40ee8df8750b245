/** The texts of what a reset removes and leaves. The page of the reset loads them. */
export const resetTexts = {
  allRemoved:
    'You prove your address for the first time. Another person may have set these up, so all of them are removed:',
  stays: 'These open your account as well, and stay:',
  chooseKeys: 'These command lines act as you. Keep only those that you know; the others are revoked.',
  keep: (name: string, organisation: string) => `Keep ${name} (${organisation})`,
  wasRemoved: 'Removed:',
  isLeft: 'Still open your account:',
  leftHint:
    'Do you not know one of them? Sign in and remove it under “My account”, or ask an owner to invite you again.',
  passkey: (name: string) => `The passkey ${name}`,
  provider: (label: string) => `Single sign-on with ${label}`,
  factor: 'The authenticator that shows codes',
  key: (name: string, organisation: string) => `The key ${name} of a command line (${organisation})`,
} as const
