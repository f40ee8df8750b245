import { isPassed } from '@skerry/core/market/certify-listing'
import { asIs, command, required } from '../../../program/command.ts'
import { exitCodes, Failure } from '../../../program/failure.ts'
import { buildListing } from './build-listing.ts'
import { addVersion, openOwnCatalogue, readPublisherKey, signIndex } from './catalogue-writer.ts'
import { certify } from './certify-folder.ts'
import { CATALOGUE_FOLDER, EXPIRES, PUBLISHER_KEY } from './publish-options.ts'

export const publishListing = command({
  name: 'market publish',
  summary: 'Certify a listing, add it to a catalogue in a folder, and sign the new index',
  details:
    'The catalogue is a folder that can be copied to any hub, such as on a stick. A published version never changes. The index has the next ' +
    'number, so that a hub notices an old copy.',
  examples: ['skerry market publish level-watch --catalogue /srv/catalogues/plant --key publisher.pem'],
  arguments: { folder: required('<folder>', 'folder with listing.yaml', asIs) },
  options: { catalogue: CATALOGUE_FOLDER, key: PUBLISHER_KEY, expires: EXPIRES },
  async run({ folder, catalogue, key, expires }, session) {
    const { signal, io, style } = session
    const keyPem = await readPublisherKey(key)
    const built = await buildListing(folder, session)
    const certificate = certify(built)
    const name = `${built.listing.name}@${built.listing.version}`
    if (!isPassed(certificate)) {
      throw new Failure({
        code: 'listing_refused',
        message: `${name} does not pass level 1, so it was not published`,
        next: `run "skerry market lint ${folder}", and correct its findings`,
        exitCode: exitCodes.failed,
      })
    }
    const index = await openOwnCatalogue(catalogue, keyPem)
    const next = await addVersion(catalogue, index, { built, certificate }, signal)
    const expiresAtMs = io.nowMs() + expires * 1_000
    await signIndex(catalogue, { ...next, expiresAtMs }, keyPem)
    session.print({
      json: { name: built.listing.name, version: built.listing.version, digest: built.digest, index: next.version },
      text: () => `${style.green('published')} ${name} in ${catalogue}; the index has version ${next.version}`,
    })
  },
})
