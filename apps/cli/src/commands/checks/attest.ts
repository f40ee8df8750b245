import { SigstoreBundle } from '@skerry/contract/models/signature'
import { parseJson } from '@skerry/core/values/parse-json'
import { asIs, command, required } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { parseModelReference } from '../../program/values.ts'
import { attachedText } from './report-text.ts'

export const attestVersion = command({
  name: 'model attest',
  summary: 'Attach a signed test result to the version whose files it names',
  details:
    'The result is a file of "skerry test --sign", or an in-toto test result of another program in a Sigstore bundle. An active key of a publisher must have signed it ("skerry signing-key add"). Its subjects must have the digests of all files of the version.',
  examples: ['skerry model attest anomaly:2 test-result.sig'],
  arguments: {
    reference: required('<model>', 'NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
    file: required('<file>', 'the signed result', asIs),
  },
  options: {},
  async run({ reference: { name, version = 'latest' }, file }, session) {
    const bundle = SigstoreBundle.safeParse(parseJson(await readText(file)))
    if (!bundle.success) throw fail('file_invalid', `${file} is no result that a key signed (Sigstore bundle v0.3)`)
    const { client } = await session.hub()
    const report = await client.testReport.attach({ name, version, bundle: bundle.data }, { signal: session.signal })
    session.print({ json: report, text: () => attachedText(name, report) })
  },
})
