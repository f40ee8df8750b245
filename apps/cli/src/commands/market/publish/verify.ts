import { type Certificate, CheckName } from '@skerry/contract/market/certificate'
import { annotationsOf, checkOf, compareCertificates, levelOfCheck, wasRun } from '@skerry/core/market/certify-listing'
import { readEnvelope } from '@skerry/platform/market/catalogue-folder'
import { openCatalogue } from '@skerry/platform/signatures/catalogue-signature'
import { command, fits, required, value } from '../../../program/command.ts'
import { exitCodes, Failure, fail, wrongUsage } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import { INSTALLATION } from '../evidence/observe-installation.ts'
import { ADVISORIES } from '../evidence/read-advisories.ts'
import { certify, gatherEvidence, type Level, statementsText } from './certify-folder.ts'
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
    'skerry market verify level-watch@1.0.0 --catalogue /srv/catalogues/plant --installation level-watch',
  ],
  arguments: { listing: required('<listing>', 'NAME@VERSION', parseListing) },
  options: {
    catalogue: CATALOGUE_FOLDER,
    publisher: value('--publisher <file>', 'public key that must have signed the index', String),
    osv: ADVISORIES,
    installation: INSTALLATION,
    check: value('--check <check>', `only ${CheckName.options.join(', ')}`, fits(CheckName)),
  },
  async run({ listing: { name, version }, catalogue, publisher, osv, installation, check }, session) {
    const { style, signal } = session
    const entry = await entryIn(catalogue, { name, version }, publisher)
    const published = await readPublished(catalogue, entry, signal)
    const { certificate } = published
    if (!certificate) throw fail('file_invalid', `${name}@${version} has no readable certificate`)
    const level = levelAsked(certificate, check, installation)
    const evidence = await gatherEvidence({ level, osv, installation, catalogue }, session)
    const repeated = await certify({ ...published, digest: entry.digest }, evidence, signal)
    const isAsked = (other: string) => check === undefined || other === check
    // The evidence of another organisation about its own devices is new, and contradicts nothing.
    const claimed = new Set(certificate.statements.map(checkOf))
    const isNew = (one: { check: string }) => levelOfCheck(one.check) === 3 && !claimed.has(one.check)
    const differences = compareCertificates(certificate, repeated).filter((one) => isAsked(one.check) && !isNew(one))
    const statements = repeated.statements.filter((statement) => isAsked(checkOf(statement)))
    session.print({
      json: { listing: name, version, digest: entry.digest, statements, differences },
      text: () => `${name}@${version} ${entry.digest}\n\n${statementsText(statements, style)}`,
    })
    for (const statement of statements.filter((each) => !wasRun(each))) {
      session.note(`${checkOf(statement)} was not repeated here: ${annotationsOf(statement)?.findings[0]}`)
    }
    if (installation === undefined && certificate.statements.some((one) => levelOfCheck(checkOf(one)) === 3))
      session.note('level 3 was not repeated here: name an installation of the version with --installation')
    const failed = statements.filter((one) => isNew({ check: checkOf(one) }) && one.predicate.result === 'FAILED')
    differences.push(
      ...failed.map((one) => ({ check: checkOf(one), message: annotationsOf(one)?.findings[0] ?? 'it failed' })),
    )
    if (differences.length === 0) return
    throw new Failure({
      code: 'certificate_refused',
      message: differences.map((one) => `${one.check}: ${one.message}`).join('\n'),
      next: 'do not install the listing; tell its publisher',
      exitCode: exitCodes.failed,
    })
  },
})

/** The certificate says how far it goes. Level 3 is repeated only by an installation. */
function levelAsked(
  { statements }: Certificate,
  check: CheckName | undefined,
  installation: string | undefined,
): Level {
  if (installation !== undefined) return 3
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
