/** The texts of the catalogues of an organisation: subscriptions, and catalogues that its hub signs. */
import type { CatalogueProblemCode } from '@skerry/contract/market/catalogue'

const problems: Readonly<Record<CatalogueProblemCode, string>> = {
  catalogue_missing: 'Missing',
  catalogue_unreadable: 'Unreadable',
  catalogue_untrusted: 'Not trusted',
  catalogue_renamed: 'Another catalogue',
  catalogue_rolled_back: 'Rolled back',
  catalogue_mixed: 'Mixed',
  catalogue_expired: 'Expired',
  catalogue_unreachable: 'Not reachable',
  catalogue_incomplete: 'Not complete',
}

export const cataloguesTexts = {
  columns: {
    name: 'Catalogue',
    index: 'Index',
    listings: 'Listings',
    expires: 'Expires',
    state: 'State',
    actions: 'Actions',
  },
  good: 'Good',
  mirrored: (url: string) => `mirrored from ${url}`,
  own: 'signed by this hub',
  problems,
  name: 'Name',
  create: 'New own catalogue',
  createTitle: 'Begin a catalogue of your organisation',
  createLead:
    'The hub signs it with its active signing key. Publishers submit listings to it, and another person accepts each of them.',
  createVerb: 'Begin',
  created: (name: string) => `The catalogue ${name} is there`,
  add: 'Subscribe',
  addTitle: 'Subscribe to a catalogue',
  addLead: 'The hub uses an index only if the keys that you choose have signed it.',
  folders: (names: readonly string[]) => `Folders of this hub without a subscription: ${names.join(', ')}`,
  noFolders: 'The name of the folder in the catalogues of this hub, or of the catalogue at the address.',
  url: 'Address to mirror from',
  urlHint: 'Such as https://hub.vendor.example/catalogues/plant. Leave it empty for a folder of this hub.',
  keys: 'Keys of its publishers',
  noKeys: 'Choose the keys of its publishers',
  noPublisher: 'No key is trusted yet. Add one with skerry signing-key add NAME FILE.',
  signatures: 'Signatures that an index needs',
  added: (name: string) => `Subscribed to ${name}`,
  refresh: 'Read now',
  refreshed: (name: string) => `${name} was read`,
  remove: 'Remove',
  removeTitle: (name: string) => `Remove the catalogue ${name}?`,
  removeLead: 'Nothing is offered from it any more. Installations stay and continue to run.',
  removed: (name: string) => `${name} is removed`,
} as const
