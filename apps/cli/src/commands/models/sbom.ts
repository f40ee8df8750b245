/** `skerry model sbom` */
import { command, required } from '../../program/command.ts'
import { parseModelReference } from '../../program/values.ts'

export const showModelSbom = command({
  name: 'model sbom',
  summary: 'Print the bill of materials of a version as a CycloneDX 1.6 document (JSON)',
  details:
    'Files with their digests, opsets, operators, licence (from a label or from the file), producer and lineage.',
  examples: ['skerry model sbom anomaly:2', 'skerry model sbom anomaly@champion > anomaly.cdx.json'],
  arguments: {
    reference: required('<model>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
  },
  options: {},
  async run({ reference: { model, version = 'latest' } }, session) {
    const { client } = await session.hub()
    const sbom = await client.model.sbom({ model, version }, { signal: session.signal })
    session.print({ json: sbom, text: () => JSON.stringify(sbom, undefined, 2) })
  },
})
