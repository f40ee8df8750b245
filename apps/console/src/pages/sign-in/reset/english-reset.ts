/** The texts about the items that a password reset removes or keeps. */
export const resetTexts = {
  allRemoved:
    'You prove your address for the first time. Another person may have set these up, so the hub removes all of them:',
  stays: 'These also sign you in, and stay:',
  chooseKeys: 'These command lines have your permissions. Keep only the keys that you know. The others are revoked.',
  keep: (name: string, organisation: string) => `Keep ${name} (${organisation})`,
  wasRemoved: 'Removed:',
  isLeft: 'These still sign you in:',
  leftHint:
    'Do you not know one of them? Sign in and remove it under “My account”, or ask an owner to invite you again.',
  passkey: (name: string) => `The passkey ${name}`,
  provider: (label: string) => `Single sign-on with ${label}`,
  factor: 'The authenticator that shows codes',
  key: (name: string, organisation: string) => `The key ${name} of a command line (${organisation})`,
} as const
