import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asIs, command, required } from '../../../program/command.ts'
import type { Session } from '../../../program/session.ts'
import { INSTALLATION } from '../evidence/observe-installation.ts'
import { ADVISORIES } from '../evidence/read-advisories.ts'
import { buildListing } from './build-listing.ts'
import { addVersion, openOwnCatalogue, type Publication, readPublisherKey, signIndex } from './catalogue-writer.ts'
import { certify, type Evidence, gatherEvidence, type Level, requireLevel } from './certify-folder.ts'
import { CATALOGUE_FOLDER, EXPIRES, LEVEL, PUBLISHER_KEY } from './publish-options.ts'

export const publishListing = command({
  name: 'market publish',
  summary: 'Certify a listing, add it to a catalogue in a folder, and sign the new index',
  details:
    'The catalogue is a folder that can be copied to any hub, such as on a stick. A published version never changes. The index has the next ' +
    'number, so that a hub notices an old copy.',
  examples: ['skerry market publish level-watch --catalogue /srv/catalogues/plant --key publisher.pem'],
  arguments: { folder: required('<folder>', 'folder with listing.yaml', asIs) },
  options: {
    catalogue: CATALOGUE_FOLDER,
    key: PUBLISHER_KEY,
    expires: EXPIRES,
    level: LEVEL,
    osv: ADVISORIES,
    installation: INSTALLATION,
  },
  async run({ folder, ...input }, session) {
    await publishAll([folder], input, session)
  },
})

const BUILT_IN = fileURLToPath(new URL('../../../../market', import.meta.url))

export const publishBuiltIn = command({
  name: 'market built-in',
  summary: 'Publish the listings that come with Skerry into a catalogue, signed by your own key',
  examples: ['skerry market built-in --catalogue /srv/catalogues/built-in --key publisher.pem'],
  arguments: {},
  options: { catalogue: CATALOGUE_FOLDER, key: PUBLISHER_KEY, expires: EXPIRES, level: LEVEL, osv: ADVISORIES },
  async run(input, session) {
    const names = (await readdir(BUILT_IN)).toSorted()
    const folders = names.map((name) => join(BUILT_IN, name))
    await publishAll(folders, { ...input, installation: undefined }, session)
  },
})

type Publishing = {
  catalogue: string
  key: string
  expires: number
  level: Level
  osv: string | undefined
  installation: string | undefined
}

/** Certifies all listings before it writes anything. */
async function publishAll(folders: readonly string[], input: Publishing, session: Session) {
  const { catalogue, key, expires } = input
  const { signal, io, style } = session
  const keyPem = await readPublisherKey(key)
  const evidence = await gatherEvidence(input, session)
  const publications: Publication[] = []
  for (const folder of folders) publications.push(await certified(folder, evidence, session))
  let index = await openOwnCatalogue(catalogue, keyPem)
  for (const publication of publications) index = await addVersion(catalogue, index, publication, signal)
  const nowMs = io.nowMs()
  await signIndex(catalogue, { ...index, expiresAtMs: nowMs + expires * 1_000 }, { keyPem, nowMs })
  const rows = publications.map(({ built: { listing, digest } }) => ({ ...pick(listing), digest }))
  session.print({
    json: { catalogue, index: index.version, listings: rows },
    text: () =>
      rows
        .map(
          ({ name, version }) =>
            `${style.green('published')} ${name}@${version} in ${catalogue}, index ${index.version}`,
        )
        .join('\n'),
  })
}

const pick = ({ name, version }: Publication['built']['listing']) => ({ name, version })

async function certified(folder: string, evidence: Evidence, session: Session): Promise<Publication> {
  const built = await buildListing(folder, session)
  const { level } = evidence
  const certificate = await certify(built, evidence, session.signal)
  const next = `nothing was published; run "skerry market certify ${folder} --level ${level}", and correct its findings`
  return { built, certificate: requireLevel(certificate, level, next) }
}
