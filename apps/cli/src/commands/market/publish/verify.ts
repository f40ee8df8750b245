import { type Certificate, CheckName } from '@skerry/contract/market/certificate'
import { annotationsOf, checkOf, compareCertificates, levelOfCheck, wasRun } from '@skerry/core/market/certify-listing'
import { readEnvelope } from '@skerry/platform/market/catalogue-folder'
import { openCatalogue } from '@skerry/platform/signatures/catalogue-signature'
import { command, fits, required, value } from '../../../program/command.ts'
import { exitCodes, Failure, fail, wrongUsage } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import { certify, type Level, statementsText } from './certify-folder.ts'
import { CATALOGUE_FOLDER, parseListing } from './publish-options.ts'
import { readPublished } from './published-listing.ts'

export const verifyListing = command({
  name: 'market verify',
  summary: 'Run the checks of a published listing again, and compare them with its certificate',
  details:
    'It needs a copy of the catalogue, the public key of its publisher, and no hub. A certificate of level 2 is repeated by running the listing ' +
    'in processes without a network. Exit code 1 means that a statement of the certificate does not hold.',
  examples: [
    'skerry market verify level-watch@1.0.0 --catalogue /srv/catalogues/plant --publisher publisher.pem.pub',
    'skerry market verify level-watch@1.0.0 --catalogue /srv/catalogues/plant --check licence',
  ],
  arguments: { listing: required('<listing>', 'NAME@VERSION', parseListing) },
  options: {
    catalogue: CATALOGUE_FOLDER,
    publisher: value('--publisher <file>', 'public key that must have signed the index', String),
    check: value('--check <check>', `only ${CheckName.options.join(', ')}`, fits(CheckName)),
  },
  async run({ listing: { name, version }, catalogue, publisher, check }, session) {
    const { style, signal } = session
    const entry = await entryIn(catalogue, { name, version }, publisher)
    const published = await readPublished(catalogue, entry, signal)
    const { certificate } = published
    if (!certificate) throw fail('file_invalid', `${name}@${version} has no readable certificate`)
    const level = levelAsked(certificate, check)
    const repeated = await certify({ ...published, digest: entry.digest }, level, signal)
    const isAsked = (other: string) => check === undefined || other === check
    const differences = compareCertificates(certificate, repeated).filter((one) => isAsked(one.check))
    const statements = repeated.statements.filter((statement) => isAsked(checkOf(statement)))
    session.print({
      json: { listing: name, version, digest: entry.digest, statements, differences },
      text: () => `${name}@${version} ${entry.digest}\n\n${statementsText(statements, style)}`,
    })
    for (const statement of statements.filter((each) => !wasRun(each))) {
      session.note(`${checkOf(statement)} was not repeated here: ${annotationsOf(statement)?.findings[0]}`)
    }
    if (differences.length === 0) return
    throw new Failure({
      code: 'certificate_refused',
      message: differences.map((one) => `${one.check}: ${one.message}`).join('\n'),
      next: 'do not install the listing; tell its publisher',
      exitCode: exitCodes.failed,
    })
  },
})

/** The certificate says how far it goes. One check of level 1 runs nothing. */
function levelAsked({ statements }: Certificate, check: CheckName | undefined): Level {
  if (check !== undefined) return levelOfCheck(check)
  return statements.some((statement) => levelOfCheck(checkOf(statement)) === 2) ? 2 : 1
}

async function entryIn(
  folder: string,
  { name, version }: { name: string; version: string },
  publisher: string | undefined,
) {
  const read = await readEnvelope(folder)
  if (!read.ok) throw fail('file_invalid', `${folder}: ${read.message}`)
  // Without a key, the digests are compared with an index that anybody could have written.
  const keys = publisher === undefined ? [] : [await readText(publisher)]
  const opened = openCatalogue(read.envelope, keys, keys.length)
  if (!opened.ok) throw fail('file_invalid', `${folder}: ${opened.message}`)
  const entry = opened.index.listings.find((each) => each.name === name && each.version === version)
  if (!entry) throw wrongUsage(`the catalogue has no ${name}@${version}`)
  return entry
}
