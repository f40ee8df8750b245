/** Two commands, `skerry market lint` and `skerry market certify`, with one implementation. */
import type { Certificate } from '@skerry/contract/market/certificate'
import { isPassed } from '@skerry/core/market/certify-listing'
import { asIs, command, required } from '../../../program/command.ts'
import { exitCodes, Failure } from '../../../program/failure.ts'
import type { Session } from '../../../program/session.ts'
import { buildListing } from './build-listing.ts'
import { certify, statementsText, writeCertificate } from './certify-folder.ts'

const FOLDER = required('<folder>', 'folder with listing.yaml', asIs)

export const lintListing = command({
  name: 'market lint',
  summary: 'Check the folder of a listing by all checks of level 1, without a hub',
  examples: ['skerry market lint level-watch'],
  arguments: { folder: FOLDER },
  options: {},
  async run({ folder }, session) {
    const built = await buildListing(folder, session)
    finish(certify(built), `${built.listing.name}@${built.listing.version} ${built.digest}`, session)
  },
})

export const certifyListing = command({
  name: 'market certify',
  summary: 'Write the certificate of a listing: an in-toto statement for each check of level 1',
  details:
    'Level 1 covers form and supply chain: schema, names, digests, sizes, licence, secrets, hostile content, permissions that the items use, ' +
    'bills of materials, and results of models. Each statement has the command that repeats it. The certificate has no time, so a repetition ' +
    'gives the same bytes. "skerry market publish" puts it into the catalogue.',
  examples: ['skerry market certify level-watch'],
  arguments: { folder: FOLDER },
  options: {},
  async run({ folder }, session) {
    const certificate = certify(await buildListing(folder, session))
    const path = await writeCertificate(folder, certificate)
    finish(certificate, `wrote ${path}`, session)
  },
})

function finish(certificate: Certificate, heading: string, { print, style }: Session): void {
  print({ json: certificate, text: () => `${heading}\n\n${statementsText(certificate.statements, style)}` })
  if (isPassed(certificate)) return
  throw new Failure({
    code: 'listing_refused',
    message: 'the listing does not pass level 1',
    next: 'correct the findings above, and repeat the command',
    exitCode: exitCodes.failed,
  })
}
