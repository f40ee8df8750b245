import { Reason } from '@skerry/contract/values/names'
import { command, fits, needed, required } from '../../../program/command.ts'
import { wrongUsage } from '../../../program/failure.ts'
import { openOwnCatalogue, readPublisherKey, signIndex } from './catalogue-writer.ts'
import { CATALOGUE_FOLDER, EXPIRES, PUBLISHER_KEY, parseListing } from './publish-options.ts'

export const yankListing = command({
  name: 'market yank',
  summary: 'Withdraw a version: nobody can install it any more, and it continues where it runs',
  examples: [
    'skerry market yank level-watch@1.0.0 --catalogue /srv/catalogues/plant --key publisher.pem --reason "the limit was wrong"',
  ],
  arguments: { listing: required('<listing>', 'NAME@VERSION', parseListing) },
  options: {
    catalogue: CATALOGUE_FOLDER,
    key: PUBLISHER_KEY,
    reason: needed('--reason <text>', 'why; people who run the version see it', fits(Reason)),
    expires: EXPIRES,
  },
  async run({ listing: { name, version }, catalogue, key, reason, expires }, session) {
    const keyPem = await readPublisherKey(key)
    const index = await openOwnCatalogue(catalogue, keyPem)
    const isWanted = (entry: { name: string; version: string }) => entry.name === name && entry.version === version
    if (!index.listings.some(isWanted)) throw wrongUsage(`the catalogue has no ${name}@${version}`)
    const listings = index.listings.map((entry) => (isWanted(entry) ? { ...entry, yanked: { reason } } : entry))
    const nowMs = session.io.nowMs()
    await signIndex(catalogue, { ...index, listings, expiresAtMs: nowMs + expires * 1_000 }, { keyPem, nowMs })
    session.print({ json: { name, version, reason }, text: () => `withdrew ${name}@${version}: ${reason}` })
  },
})
