/** Two commands, `skerry market lint` and `skerry market certify`, with one implementation. */
import type { Certificate } from '@skerry/contract/market/certificate'
import { asIs, command, required } from '../../../program/command.ts'
import type { Session } from '../../../program/session.ts'
import { INSTALLATION } from '../evidence/observe-installation.ts'
import { ADVISORIES } from '../evidence/read-advisories.ts'
import { buildListing } from './build-listing.ts'
import {
  certify,
  gatherEvidence,
  type Level,
  requireLevel,
  statementsText,
  writeCertificate,
} from './certify-folder.ts'
import { BEFORE, LEVEL } from './publish-options.ts'

const FOLDER = required('<folder>', 'folder with listing.yaml', asIs)

export const lintListing = command({
  name: 'market lint',
  summary: 'Check the folder of a listing by all checks of level 1, without a hub',
  examples: ['skerry market lint level-watch'],
  arguments: { folder: FOLDER },
  options: { osv: ADVISORIES },
  async run({ folder, osv }, session) {
    const built = await buildListing(folder, session)
    const evidence = await gatherEvidence({ level: 1, osv, installation: undefined }, session)
    const certificate = await certify(built, evidence, session.signal)
    finish(certificate, 1, `${built.listing.name}@${built.listing.version} ${built.digest}`, session)
  },
})

export const certifyListing = command({
  name: 'market certify',
  summary: 'Write the certificate of a listing: an in-toto statement for each check',
  details:
    'Level 1 covers form and supply chain: schema, names, digests, sizes, licence, secrets, hostile content, permissions that the items use, ' +
    'bills of materials, and results of models. Level 2 runs the flows over their sample data and the models over their golden cases, in ' +
    'processes without a network, and measures results, tags, memory, processor, and a restart after a kill. Level 3 looks at an installation of the version on devices of a hub. Each statement has the command ' +
    'that repeats it. "skerry market publish" puts the certificate into the catalogue.',
  examples: [
    'skerry market certify level-watch --osv advisories/',
    'skerry market certify level-watch --level 2',
    'skerry market certify level-watch --level 3 --installation level-watch',
  ],
  arguments: { folder: FOLDER },
  options: { level: LEVEL, osv: ADVISORIES, installation: INSTALLATION, catalogue: BEFORE },
  async run({ folder, level, osv, installation, catalogue }, session) {
    const evidence = await gatherEvidence({ level, osv, installation, catalogue }, session)
    const certificate = await certify(await buildListing(folder, session), evidence, session.signal)
    const path = await writeCertificate(folder, certificate)
    finish(certificate, level, `wrote ${path}`, session)
  },
})

function finish(certificate: Certificate, level: Level, heading: string, { print, style }: Session): void {
  print({ json: certificate, text: () => `${heading}\n\n${statementsText(certificate.statements, style)}` })
  requireLevel(certificate, level, 'correct the findings above, and repeat the command')
}
