/** `skerry certificate import` */
import { AuthorityId } from '@skerry/contract/values/ids'
import { asIs, command, fits, required, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'

export const importCertificate = command({
  name: 'certificate import',
  summary: 'Import the certificate that your CA made from the request, with its chain up to the root',
  details:
    'All certificates are in one PEM file, in any order. The new authority signs nothing before "skerry certificate rotate".',
  examples: ['cat hub.crt plant-ca.crt root.crt > chain.pem', 'skerry certificate import chain.pem'],
  arguments: { file: required('<file>', 'the certificates, PEM', asIs) },
  options: { authority: value('--authority <id>', 'id of its request; the open one by default', fits(AuthorityId)) },
  async run({ file, authority }, session) {
    const chainPem = await readText(file)
    const { client } = await session.hub()
    const open = authority ?? (await client.authority.list({}, { signal: session.signal })).authorities.find(isOpen)?.id
    if (open === undefined) throw wrongUsage('no request is open', 'make one with "skerry certificate request"')
    const imported = await client.authority.import({ authority: open, chainPem }, { signal: session.signal })
    session.print({
      json: imported,
      text: () =>
        `${imported.id} is ready: ${imported.subject}, by ${imported.issuer}\nfingerprint  ${imported.fingerprint}\nroot         ${imported.rootFingerprint}`,
    })
  },
})

const isOpen = ({ state }: { state: string }) => state === 'requested' || state === 'ready'
